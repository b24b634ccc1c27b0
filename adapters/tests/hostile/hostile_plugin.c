// A plug-in that is bad in one way, which HOSTILE_PLUGIN names: in what it says of itself, or in its third call. In all
// else it is the template.

#define recvinto_plugin_v1 template_plugin
#include "../../plugin_template/plugin.c"
#undef recvinto_plugin_v1
__attribute__((visibility("default"))) const recvinto_plugin* recvinto_plugin_v1(void);

#include <signal.h>
#include <unistd.h>

static bool is(const char* mode) {
  const char* asked = getenv("HOSTILE_PLUGIN");
  return asked != NULL && strcmp(asked, mode) == 0;
}

static const recvinto_hello* hostile_hello(void) {
  static const char* const kUnknown[] = {"dancing", NULL};
  static const char* const kNothing[] = {NULL};
  static const char* const kNotOfPlugins[] = {"python_forms", NULL};
  static const char* const kChoices[] = {"unnamed_address=loud", NULL};
  static recvinto_hello told;
  told = *hello();
  if (is("no_hello")) return NULL;
  if (is("small_hello")) told.size = 8;
  if (is("no_name")) told.name = NULL;
  if (is("unknown_capability")) told.capabilities = kUnknown;
  if (is("declares_nothing")) told.capabilities = kNothing;
  if (is("capability_of_others")) told.capabilities = kNotOfPlugins;
  if (is("unknown_choice")) told.choices = kChoices;
  return &told;
}

static int hostile_call(const recvinto_call* call, recvinto_answer* answer) {
  static int calls;
  const bool third = ++calls == 3;
  if (third && is("never_returns"))
    for (;;) pause();
  if (third && is("exits")) _exit(3);
  if (third && is("interrupts")) kill(0, SIGINT);
  const int outcome = call_recvmsg(call, answer);
  if (is("counts_one_more")) ++answer->nbytes;
  if (is("takes_more")) {
    char more[4096];
    while (recv(call->fd, more, sizeof more, MSG_DONTWAIT) > 0) continue;
  }
  if (!third) return outcome;
  if (is("crashes")) raise(SIGSEGV);
  if (is("closes_descriptors")) {
    for (int fd = 3; fd < 1024; ++fd) {
      if (fd != call->fd) close(fd);
    }
  }
  if (is("too_many_items")) answer->item_count = answer->items_room + 1;
  if (is("item_beyond_its_data")) {
    answer->items[0] = (recvinto_item){1, 1, answer->data_room - 1, 2};
    answer->item_count = 1;
  }
  if (is("item_that_wraps")) {
    answer->items[0] = (recvinto_item){1, 1, 8, (size_t)-4};
    answer->item_count = 1;
  }
  if (is("more_room_than_given")) {
    answer->items_room = answer->item_count = (size_t)1 << 40;
    answer->data_room = (size_t)1 << 50;
  }
  if (is("long_address")) {
    answer->address.form = RECVINTO_SOCKADDR;
    answer->address.bytes_size = sizeof answer->address.bytes + 1;
  }
  if (is("unknown_form")) answer->address.form = 7;
  if (is("many_warnings")) answer->warning_count = RECVINTO_MOST_WARNINGS + 1;
  if (is("endless_text")) {
    memset(answer->error_class, 'x', sizeof answer->error_class);
    return RECVINTO_FAILED;
  }
  if (is("unknown_outcome")) return 42;
  if (is("refuses")) {
    snprintf(answer->message, sizeof answer->message, "scatter");
    return RECVINTO_UNSUPPORTED;
  }
  return outcome;
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static recvinto_plugin plugin;
  plugin = *template_plugin();
  plugin.hello = hostile_hello;
  plugin.call = hostile_call;
  if (is("crashes_when_loaded")) raise(SIGSEGV);
  if (is("null")) return NULL;
  if (is("small")) plugin.size = 8;
  if (is("version_2")) plugin.version = 2;
  if (is("no_call")) plugin.call = NULL;
  return &plugin;
}
