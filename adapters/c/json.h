// A reader of JSON for adapters: one line, parsed in place. It takes what it reads for well formed, which the suite's
// requests are, and ends the program with a message otherwise.
#ifndef JSON_H
#define JSON_H

#include <stddef.h>

enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
  enum json_kind kind;
  const char* name;    // in an object
  long long number;    // JSON_NUMBER, and JSON_BOOLEAN as 0 or 1. A number beyond is cut; there are no fractions
  const char* string;  // JSON_STRING, ends with a zero
  struct json* first;  // JSON_ARRAY, JSON_OBJECT
  struct json* next;   // in an array or object
};

// The value of `line`, which is overwritten. It lives until the next call.
struct json* json_parse(char* line);

// The member of `object` with this name, or NULL.
const struct json* json_get(const struct json* object, const char* name);

// The same as a number, or `otherwise` if it is not there or null.
long long json_number(const struct json* object, const char* name, long long otherwise);

#endif
