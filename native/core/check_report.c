/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: their table, their text, their sums. */
#include "check_work.h"
#include "text.h"
#include <stdarg.h>
#include <string.h>

struct row {
	const char *name;
	enum pm_severity severity;
	const char *meaning, *repair;
};

static const struct row rows[PM_FINDING_CODES] = {
#define ROW(id, name, severity, meaning, repair) {name, PM_SEVERITY_##severity, meaning, repair},
	PM_FINDINGS(ROW)
#undef ROW
};

const char *pm_finding_name(enum pm_finding_code code)
{
	return (unsigned)code < PM_FINDING_CODES ? rows[code].name : "unknown";
}

const char *pm_finding_meaning(enum pm_finding_code code)
{
	return (unsigned)code < PM_FINDING_CODES ? rows[code].meaning : "";
}

const char *pm_finding_repair(enum pm_finding_code code)
{
	return (unsigned)code < PM_FINDING_CODES ? rows[code].repair : "";
}

const char *pm_severity_name(enum pm_severity severity)
{
	return severity == PM_SEVERITY_DAMAGE ? "damage" : severity == PM_SEVERITY_LEFTOVER ? "leftover" : "hint";
}

static void append_hex(char *text, size_t capacity, size_t *used, uint64_t number)
{
	char digits[19] = "0x";
	size_t length = 2;
	int shift = 60;

	while (shift > 0 && !(number >> shift & 15))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		digits[length++] = "0123456789abcdef"[number >> shift & 15];
	digits[length] = '\0';
	pm_text_append(text, capacity, used, digits);
}

static void say(char *text, size_t capacity, const char *format, va_list values)
{
	size_t used = 0;
	char literal[2] = "";

	text[0] = '\0';
	for (; *format; format++) {
		if (*format != '%') {
			literal[0] = *format;
			pm_text_append(text, capacity, &used, literal);
			continue;
		}
		format++;
		if (*format == 'u')
			pm_text_append_number(text, capacity, &used, va_arg(values, uint64_t));
		else if (*format == 'x')
			append_hex(text, capacity, &used, va_arg(values, uint64_t));
		else
			pm_text_append(text, capacity, &used, va_arg(values, const char *));
	}
	pm_text_clean(text, capacity);
}

struct pm_finding *check_found(struct pm_check_side *side, enum pm_finding_code code, struct pm_check_about about,
			       const char *format, ...)
{
	struct pm_check *check = side->check;
	struct pm_finding *finding = NULL;
	va_list values;

	check->counts[code]++;
	check->severities[rows[code].severity]++;
	if (rows[code].severity == PM_SEVERITY_DAMAGE)
		check->refused++;
	if (check->work->findings.count < PM_CHECK_FINDINGS_MAX)
		finding = check_add(check, &check->work->findings);
	if (!finding)
		finding = &check->work->unlisted;
	*finding = (struct pm_finding){.code = code,
				       .severity = rows[code].severity,
				       .region_index = side->region ? side->region->index : 0,
				       .mapping = side->mapping,
				       .offset = about.offset,
				       .bytes = about.bytes,
				       .page = about.page,
				       .pages = about.pages};
	va_start(values, format);
	say(finding->text, sizeof(finding->text), format, values);
	va_end(values);
	return finding;
}

void check_repaired(struct pm_check_side *side, struct pm_finding *finding, size_t patches_before)
{
	struct pm_check *check = side->check;

	check->repairable++;
	if (finding->severity == PM_SEVERITY_DAMAGE)
		check->refused--;
	finding->repairable = true;
	finding->first_patch = patches_before;
	finding->patches = check_patches(side) - patches_before;
}

void check_refused(struct pm_finding *finding, const char *why)
{
	size_t used = 0;

	pm_text_append(finding->refusal, sizeof(finding->refusal), &used, why);
}

void check_grade(struct pm_check_side *side, struct pm_finding *finding, enum pm_severity severity)
{
	struct pm_check *check = side->check;

	check->severities[finding->severity]--;
	check->severities[severity]++;
	if (finding->severity == PM_SEVERITY_DAMAGE)
		check->refused--;
	if (severity == PM_SEVERITY_DAMAGE)
		check->refused++;
	finding->severity = severity;
}
