/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HostMemory of main/api/hostMethods.ts. */
#include "acts.h"
#include "host/memory_map.h"
#include "json_build.h"
#include "places.h"
#include <stdlib.h>
#include <string.h>

static struct json_object *span(uint64_t base, uint64_t size)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "base", base);
	json_set_count(object, "size", size);
	return object;
}

static uint64_t further(uint64_t end, uint64_t base, uint64_t size)
{
	return base + size > end ? base + size : end;
}

static uint64_t add_kernel(const struct pm_memory_map *map, struct json_object *result, uint64_t end)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < map->kernel.count; i++) {
		const struct pm_iomem_entry *entry = &map->kernel.entries[i];
		uint64_t size = entry->last - entry->first + 1;
		struct json_object *object = span(entry->first, size);

		json_set_count(object, "depth", entry->depth);
		json_set_field(object, "name", entry->name, sizeof(entry->name));
		json_object_array_add(list, object);
		end = further(end, entry->first, size);
	}
	json_set_bool(result, "hidden", map->kernel.hidden);
	json_set(result, "kernel", list);
	return end;
}

static uint64_t add_firmware(const struct pm_memory_map *map, struct json_object *result, uint64_t end)
{
	struct json_object *list = map->firmware.there ? json_object_new_array() : NULL;

	for (size_t i = 0; i < map->firmware.count; i++) {
		const struct pm_firmware_entry *entry = &map->firmware.entries[i];
		uint64_t size = entry->last - entry->first + 1;
		struct json_object *object = span(entry->first, size);

		json_set_field(object, "type", entry->type, sizeof(entry->type));
		json_object_array_add(list, object);
		end = further(end, entry->first, size);
	}
	json_set(result, "firmware", list);
	return end;
}

static uint64_t add_options(const struct pm_memory_map *map, struct json_object *result, uint64_t end)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < map->option_count; i++) {
		const struct pm_memory_option *option = &map->options[i];
		struct json_object *object = json_object_new_object();

		json_set_field(object, "text", option->text, sizeof(option->text));
		json_set_text(object, "kind", pm_option_kind_name(option->kind));
		json_set(object, "base", option->has_base ? json_object_new_uint64(option->base) : NULL);
		json_set(object, "size", option->has_bytes ? json_object_new_uint64(option->bytes) : NULL);
		json_object_array_add(list, object);
		if (option->has_base)
			end = further(end, option->base, option->bytes);
	}
	json_set(result, "options", list);
	return end;
}

static uint64_t add_nodes(const struct pm_memory_map *map, struct json_object *result, uint64_t end)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < map->node_count; i++) {
		struct json_object *object = span(map->nodes[i].base, map->nodes[i].bytes);

		json_set_count(object, "node", (uint64_t)map->nodes[i].node);
		json_object_array_add(list, object);
		end = further(end, map->nodes[i].base, map->nodes[i].bytes);
	}
	json_set(result, "nodes", list);
	return end;
}

/* What names no range has an id of its own: see list.c of region. */
static bool has_range(const struct pm_region_info *info)
{
	return (strncmp(info->id, "mem:", 4) == 0 || strncmp(info->id, "dax:", 4) == 0) && info->bytes > 0 &&
	       info->base < PM_ADDRESS_END && info->bytes <= PM_ADDRESS_END - info->base;
}

static struct json_object *region_object(struct session *session, const struct pm_region_info *info)
{
	struct json_object *object = span(info->base, info->bytes);
	struct place *places = NULL;
	size_t count = 0;
	bool usable = info->refused.code == PM_OK;

	if (usable && region_places(session, info, &places, &count, NULL) != PM_OK)
		usable = false;
	free(places);
	json_set_text(object, "id", info->id);
	json_set_bool(object, "usable", usable);
	json_set_count(object, "pools", usable ? count : 0);
	return object;
}

static enum pm_code add_regions(struct call *call, struct json_object *result, uint64_t *end)
{
	struct json_object *list = json_object_new_array();
	struct pm_region_info *infos;
	size_t count;
	enum pm_code code = pm_region_list(&call->session->host, &infos, &count, &call->err);

	json_set(result, "regions", list);
	for (size_t i = 0; i < count; i++) {
		if (!has_range(&infos[i]))
			continue;
		json_object_array_add(list, region_object(call->session, &infos[i]));
		*end = further(*end, infos[i].base, infos[i].bytes);
	}
	free(infos);
	return code;
}

static void add_differences(const struct pm_memory_map *map, struct json_object *result)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < map->difference_count; i++) {
		const struct pm_memory_difference *difference = &map->differences[i];
		struct json_object *object = span(difference->first, difference->last - difference->first + 1);

		json_set_text(object, "firmware", difference->firmware);
		json_set_text(object, "kernel", difference->kernel);
		json_set_text(object, "option", difference->option ? difference->option->text : "");
		json_object_array_add(list, object);
	}
	json_set(result, "differences", list);
}

static void add_free(const struct pm_memory_map *map, struct json_object *result)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < map->free_count; i++) {
		struct json_object *object = span(map->free[i].first, map->free[i].last - map->free[i].first + 1);

		json_set_text(object, "why", map->free[i].why);
		json_object_array_add(list, object);
	}
	json_set(result, "free", list);
}

enum pm_code act_host_memory(struct call *call)
{
	struct pm_memory_map map;
	enum pm_code code = pm_memory_map_read(&call->session->host, &map, &call->err);
	uint64_t end;

	if (code)
		return code;
	call->result = json_object_new_object();
	end = add_kernel(&map, call->result, 0);
	end = add_firmware(&map, call->result, end);
	end = add_options(&map, call->result, end);
	end = add_nodes(&map, call->result, end);
	code = add_regions(call, call->result, &end);
	json_set_count(call->result, "end", end);
	add_differences(&map, call->result);
	add_free(&map, call->result);
	pm_memory_map_free(&map);
	return code;
}
