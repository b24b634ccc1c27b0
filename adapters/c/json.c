#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json* pool;  // all values of a line; a line of n bytes has n values at most
static size_t used;
static char* at;

static void fail(const char* what) {
  fprintf(stderr, "adapter: %s in a request, before: %.40s\n", what, at);
  exit(1);
}

static void skip_blanks(void) {
  at += strspn(at, " \t\r\n");
}

// The string at `at`, behind its quotation mark. Escapes of more than a character do not occur in requests.
static const char* parse_string(void) {
  char *begin = at, *to = at;
  while (*at != '"') {
    if (*at == '\\') ++at;
    if (*at == '\0') fail("a string without an end");
    *to++ = *at++;
  }
  ++at;
  *to = '\0';
  return begin;
}

static struct json* parse_value(const char* name) {
  struct json* value = &pool[used++];
  memset(value, 0, sizeof *value);
  value->name = name;
  skip_blanks();
  if (*at == '{' || *at == '[') {
    int is_object = *at++ == '{';
    char end = is_object ? '}' : ']';
    struct json** link = &value->first;
    value->kind = is_object ? JSON_OBJECT : JSON_ARRAY;
    for (skip_blanks(); *at != end; skip_blanks()) {
      const char* member = NULL;
      if (*at == ',') ++at;
      skip_blanks();
      if (is_object) {
        if (*at++ != '"') fail("a member without a name");
        member = parse_string();
        skip_blanks();
        if (*at++ != ':') fail("a member without a value");
      }
      *link = parse_value(member);
      link = &(*link)->next;
    }
    ++at;
  } else if (*at == '"') {
    ++at;
    value->kind = JSON_STRING;
    value->string = parse_string();
  } else if (strncmp(at, "null", 4) == 0) {
    at += 4;
  } else if (strncmp(at, "true", 4) == 0 || strncmp(at, "false", 5) == 0) {
    value->kind = JSON_BOOLEAN;
    value->number = *at == 't';
    at += *at == 't' ? 4 : 5;
  } else {
    char* end;
    value->kind = JSON_NUMBER;
    value->number = strtoll(at, &end, 10);
    if (end == at) fail("no value");
    at = end;
  }
  return value;
}

struct json* json_parse(char* line) {
  free(pool);
  pool = calloc(strlen(line) + 1, sizeof *pool);
  if (pool == NULL) exit(1);
  used = 0;
  at = line;
  return parse_value(NULL);
}

const struct json* json_get(const struct json* object, const char* name) {
  for (const struct json* member = object->first; member != NULL; member = member->next)
    if (strcmp(member->name, name) == 0) return member;
  return NULL;
}

long long json_number(const struct json* object, const char* name, long long otherwise) {
  const struct json* member = json_get(object, name);
  return member == NULL || member->kind == JSON_NULL ? otherwise : member->number;
}
