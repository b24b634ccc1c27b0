// A user's plug-in (RECVINTO_PLUGIN_SOURCE) with one bug, which RECVINTO_PLANTED_BUG names.

#define recvinto_plugin_v1 plugin_without_bugs
#include RECVINTO_PLUGIN_SOURCE  // first: it says what the system's headers are to declare
#undef recvinto_plugin_v1

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

__attribute__((visibility("default"))) const recvinto_plugin* recvinto_plugin_v1(void);

static bool is(const char* bug) {
  const char* planted = getenv("RECVINTO_PLANTED_BUG");
  return planted != NULL && strcmp(planted, bug) == 0;
}

/// By a pointer to nothing; exported, so that a report can name it.
__attribute__((visibility("default"), noinline)) int read_an_item(const recvinto_answer* answer);
int read_an_item(const recvinto_answer* answer) {
  const volatile recvinto_item* first = answer->item_count < 1 ? NULL : (const recvinto_item*)(size_t)16;
  return first == NULL ? 0 : first->level;
}

static int buggy_call(const recvinto_call* call, recvinto_answer* answer) {
  const int outcome = plugin_without_bugs()->call(call, answer);
  if (is("ctrunc_is_lost")) answer->msg_flags &= ~MSG_CTRUNC;
  if (is("last_item_is_lost") && answer->item_count != 0) --answer->item_count;
  if (is("items_crash")) answer->msg_flags |= read_an_item(answer);
  return outcome;
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static recvinto_plugin plugin;
  plugin = *plugin_without_bugs();
  plugin.call = buggy_call;
  return &plugin;
}
