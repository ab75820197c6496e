/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"
#include <string.h>
#include <strings.h>

#define COUNT_MAX ((UINT64_C(1) << 53) - 1)

const struct option_spec global_options[] = {
	{"simulate", OPTION_TEXT, "DIR", "act on the simulated host in DIR, made when it is not there"},
	{"region-size", OPTION_SIZES, "SIZE[,SIZE...]",
	 "of the regions of a simulated host that is made now (default 1G)"},
	{"json", OPTION_FLAG, NULL, "print the result as the protocol has it"},
	{"help", OPTION_FLAG, NULL, "say what the verb does"},
	{NULL, OPTION_FLAG, NULL, NULL},
};

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* The digits at *text, advanced past them. */
static bool parse_digits(const char **text, uint64_t *value)
{
	unsigned base = 10;
	const char *at = *text;

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	}
	if ((unsigned)digit_value(*at) >= base)
		return false;
	for (*value = 0; (unsigned)digit_value(*at) < base; at++) {
		*value = *value * base + (unsigned)digit_value(*at); /* below 2^57 + 16: cannot wrap */
		if (*value > COUNT_MAX)
			return false;
	}
	*text = at;
	return true;
}

bool parse_count(const char *text, uint64_t *value)
{
	return parse_digits(&text, value) && *text == '\0';
}

bool parse_size(const char *text, uint64_t *value)
{
	static const char units[] = "KMGT";
	const char *unit;
	char letter;

	if (!parse_digits(&text, value))
		return false;
	if (*text == '\0')
		return true;
	letter = (char)(*text & ~0x20);
	unit = letter ? strchr(units, letter) : NULL; /* strchr finds the NUL too */
	if (!unit || (text[1] && strcasecmp(text + 1, "iB") != 0))
		return false;
	for (const char *step = units; step <= unit; step++) {
		*value *= 1024;
		if (*value > COUNT_MAX)
			return false;
	}
	return true;
}

size_t parse_sizes(const char *text, uint64_t *sizes, size_t capacity)
{
	size_t count = 0;

	for (;;) {
		size_t length = strcspn(text, ",");
		char part[32];
		uint64_t size;

		if (length >= sizeof(part))
			return 0;
		memcpy(part, text, length);
		part[length] = '\0';
		if (!parse_size(part, &size))
			return 0;
		if (count < capacity)
			sizes[count] = size;
		count++;
		if (!text[length])
			return count;
		text += length + 1;
	}
}

/* A number by its looks, which was refused only for its value. */
static bool looks_like_number(const char *text, bool unit)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	size_t digits;

	text += hex ? 2 : 0;
	digits = strspn(text, hex ? "0123456789abcdefABCDEF" : "0123456789");
	text += digits;
	return digits > 0 && (*text == '\0' || (unit && strchr("KMGTkmgt", *text) &&
						(text[1] == '\0' || strcasecmp(text + 1, "iB") == 0)));
}

static enum pm_code refuse_value(const struct option_spec *spec, const char *value, struct pm_error *err)
{
	if (looks_like_number(value, spec->type == OPTION_SIZE || spec->type == OPTION_SIZES))
		return pm_fail(err, PM_E_INVALID_PARAMS, "--%s: %s is too large", spec->name, value);
	if (spec->type == OPTION_SIZE)
		return pm_fail(err, PM_E_INVALID_PARAMS, "--%s: \"%s\" is no size (like 4096, 0x1000, 64M, 1G)",
			       spec->name, value);
	if (spec->type == OPTION_SIZES)
		return pm_fail(err, PM_E_INVALID_PARAMS, "--%s: \"%s\" are no sizes (like 64M, or 64M,64M,1G)",
			       spec->name, value);
	return pm_fail(err, PM_E_INVALID_PARAMS, "--%s: \"%s\" is no number", spec->name, value);
}

static const struct option_spec *find_spec(const struct option_spec *table, const char *name, size_t length)
{
	for (const struct option_spec *spec = table; spec && spec->name; spec++)
		if (strlen(spec->name) == length && memcmp(spec->name, name, length) == 0)
			return spec;
	return NULL;
}

static enum pm_code take_value(struct args *args, const struct option_spec *spec, const char *value,
			       struct pm_error *err)
{
	uint64_t number = 0;

	if (args_given(args, spec->name))
		return pm_fail(err, PM_E_INVALID_PARAMS, "--%s is given twice", spec->name);
	if (args->option_count == ARGS_OPTIONS)
		return pm_fail(err, PM_E_INVALID_PARAMS, "too many options");
	if ((spec->type == OPTION_SIZE && !parse_size(value, &number)) ||
	    (spec->type == OPTION_SIZES && !parse_sizes(value, &number, 1)) ||
	    (spec->type == OPTION_COUNT && !parse_count(value, &number)))
		return refuse_value(spec, value, err);
	args->options[args->option_count].spec = spec;
	args->options[args->option_count].text = value;
	args->options[args->option_count].number = number;
	args->option_count++;
	return PM_OK;
}

/* *i is the index of the option, advanced past a value that stands by itself. */
static enum pm_code take_option(int argc, char **argv, int *i, const struct option_spec *table, struct args *args,
				struct pm_error *err)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_spec *spec = find_spec(table, name, length);

	if (!spec)
		spec = find_spec(global_options, name, length);
	if (!spec)
		return pm_fail(err, PM_E_INVALID_PARAMS, "unknown option %s", argv[*i]);
	if (spec->type == OPTION_FLAG)
		return equals ? pm_fail(err, PM_E_INVALID_PARAMS, "--%s takes no value", spec->name)
			      : take_value(args, spec, "", err);
	if (equals)
		return take_value(args, spec, equals + 1, err);
	if (*i + 1 >= argc)
		return pm_fail(err, PM_E_INVALID_PARAMS, "--%s needs a value: %s", spec->name, spec->value);
	return take_value(args, spec, argv[++*i], err);
}

enum pm_code args_parse(int argc, char **argv, const struct option_spec *table, struct args *args, struct pm_error *err)
{
	bool options = true;

	memset(args, 0, sizeof(*args));
	for (int i = 0; i < argc; i++) {
		enum pm_code code = PM_OK;

		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && strcmp(argv[i], "-h") == 0) {
			code = take_value(args, find_spec(global_options, "help", 4), "", err);
		} else if (options && strncmp(argv[i], "--", 2) == 0) {
			code = take_option(argc, argv, &i, table, args, err);
		} else if (options && argv[i][0] == '-' && argv[i][1]) {
			code = pm_fail(err, PM_E_INVALID_PARAMS, "unknown option %s", argv[i]);
		} else if (args->word_count == ARGS_WORDS) {
			code = pm_fail(err, PM_E_INVALID_PARAMS, "too many words from \"%s\" on", argv[i]);
		} else {
			args->words[args->word_count++] = argv[i];
		}
		if (code != PM_OK)
			return code;
	}
	return PM_OK;
}

static int find_option(const struct args *args, const char *name)
{
	for (unsigned i = 0; i < args->option_count; i++)
		if (strcmp(args->options[i].spec->name, name) == 0)
			return (int)i;
	return -1;
}

bool args_given(const struct args *args, const char *name)
{
	return find_option(args, name) >= 0;
}

const char *args_text(const struct args *args, const char *name)
{
	int i = find_option(args, name);

	return i < 0 ? NULL : args->options[i].text;
}

uint64_t args_number(const struct args *args, const char *name, uint64_t otherwise)
{
	int i = find_option(args, name);

	return i < 0 ? otherwise : args->options[i].number;
}

size_t args_sizes(const struct args *args, const char *name, uint64_t *sizes, size_t capacity)
{
	const char *text = args_text(args, name);

	return text ? parse_sizes(text, sizes, capacity) : 0;
}
