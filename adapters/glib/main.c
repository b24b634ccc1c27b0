// The adapter of the recvmsg conformance suite for GLib's g_socket_receive_message(): plugin.c, which makes the calls,
// as a process that speaks ../PROTOCOL.md.

#define _GNU_SOURCE  // getline

#include <errno.h>
#include <json-glib/json-glib.h>
#include <recvinto/plugin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// For items, of which GLib has no more than its control buffer of 2048 bytes holds.
enum { kDataRoom = 65536, kItemsRoom = 4096 };

static volatile sig_atomic_t handled;  // how often a handler ran since the call began

static void count_signal(int signum) {
  (void)signum;
  ++handled;
}

// The bytes that one entry of "buffers" made; none where the entry is a part of an earlier storage.
typedef struct {
  guint8* data;
  gsize size;
} Storage;

static void clear_storage(gpointer storage) {
  g_free(((Storage*)storage)->data);
}

static gchar* to_hex(const guint8* data, gsize size) {
  GString* hex = g_string_sized_new(2 * size);
  for (gsize i = 0; i < size; ++i) g_string_append_printf(hex, "%02x", data[i]);
  return g_string_free(hex, FALSE);
}

static void set_hex_member(JsonObject* object, const char* name, const void* data, gsize size) {
  g_autofree gchar* hex = to_hex(data, size);
  json_object_set_string_member(object, name, hex);
}

static JsonObject* unsupported(const char* what) {
  JsonObject* reply = json_object_new();
  json_object_set_string_member(reply, "unsupported", what);
  return reply;
}

static JsonObject* hello(void) {
  const recvinto_hello* told = recvinto_plugin_v1()->hello();
  JsonArray* capabilities = json_array_new();
  for (const char* const* word = told->capabilities; *word != NULL; ++word) {
    if (g_strcmp0(*word, "concurrent") != 0) json_array_add_string_element(capabilities, *word);  // one thread here
  }
  json_array_add_string_element(capabilities, "pipelining");  // what GLib does not know of: main() reads by the line

  JsonObject* reply = json_object_new();
  json_object_set_int_member(reply, "protocol", 1);
  json_object_set_string_member(reply, "name", told->name);
  json_object_set_string_member(reply, "version", told->version);
  json_object_set_string_member(reply, "language", told->language);
  json_object_set_array_member(reply, "capabilities", capabilities);
  return reply;
}

static JsonObject* failure(const recvinto_answer* answer) {
  JsonObject* description = json_object_new();
  json_object_set_string_member(description, "class", answer->error_class);
  if (answer->error_number != 0)
    json_object_set_int_member(description, "errno", answer->error_number);
  else
    json_object_set_null_member(description, "errno");
  json_object_set_string_member(description, "message", answer->message);

  JsonObject* reply = json_object_new();
  json_object_set_object_member(reply, "error", description);
  return reply;
}

static GArray* make_storages(JsonArray* entries) {
  GArray* storages = g_array_new(FALSE, FALSE, sizeof(Storage));
  g_array_set_clear_func(storages, clear_storage);
  for (guint i = 0; i < json_array_get_length(entries); ++i) {
    JsonObject* entry = json_array_get_object_element(entries, i);
    const char* fill = json_object_get_string_member_with_default(entry, "fill", "ee");
    const gsize fill_size = strlen(fill) / 2;
    Storage storage = {.size = json_object_get_int_member_with_default(entry, "size", 0)};
    storage.data = g_malloc(storage.size);
    for (gsize at = 0; at < storage.size; ++at) {
      const char* digits = fill + 2 * (at % fill_size);
      storage.data[at] = (guint8)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
    }
    g_array_append_val(storages, storage);
  }
  return storages;
}

// The parts of the storages to receive into.
static GArray* make_vectors(JsonArray* entries, GArray* storages) {
  GArray* vectors = g_array_new(FALSE, FALSE, sizeof(struct iovec));
  for (guint i = 0; i < json_array_get_length(entries); ++i) {
    JsonObject* entry = json_array_get_object_element(entries, i);
    const gint64 maker = json_object_get_int_member_with_default(entry, "storage", i);
    const Storage storage = g_array_index(storages, Storage, maker);
    const gint64 from = json_object_get_int_member_with_default(entry, "from", 0);
    const gint64 to = json_object_get_int_member_with_default(entry, "to", storage.size);
    // A storage of no bytes may have no address, to which nothing may be added.
    const struct iovec vector = {.iov_base = from == 0 ? storage.data : storage.data + from, .iov_len = to - from};
    g_array_append_val(vectors, vector);
  }
  return vectors;
}

static JsonArray* report_storages(GArray* storages) {
  JsonArray* reported = json_array_new();
  for (guint i = 0; i < storages->len; ++i) {
    const Storage* storage = &g_array_index(storages, Storage, i);
    g_autofree gchar* hex = to_hex(storage->data, storage->size);
    json_array_add_string_element(reported, hex);
  }
  return reported;
}

static JsonNode* report_address(const recvinto_address* address) {
  if (address->form == RECVINTO_NO_ADDRESS) return json_node_new(JSON_NODE_NULL);
  JsonObject* reported = json_object_new();
  json_object_set_int_member(reported, "family", address->family);
  if (address->family == AF_INET || address->family == AF_INET6) {
    json_object_set_string_member(reported, "host", address->host);
    json_object_set_int_member(reported, "port", address->port);
    if (address->family == AF_INET6) {
      json_object_set_int_member(reported, "flowinfo", address->flowinfo);
      json_object_set_int_member(reported, "scope_id", address->scope_id);
    }
  } else {
    set_hex_member(reported, address->family == AF_UNIX ? "path" : "raw", address->bytes, address->bytes_size);
  }
  JsonNode* node = json_node_new(JSON_NODE_OBJECT);
  json_node_take_object(node, reported);
  return node;
}

static JsonArray* report_items(const recvinto_answer* answer) {
  JsonArray* ancdata = json_array_new();
  for (gsize i = 0; i < answer->item_count; ++i) {
    const recvinto_item* item = &answer->items[i];
    g_autofree gchar* hex = to_hex(answer->data + item->data_begin, item->data_size);
    JsonArray* reported = json_array_new();
    json_array_add_int_element(reported, item->level);
    json_array_add_int_element(reported, item->type);
    json_array_add_string_element(reported, hex);
    json_array_add_array_element(ancdata, reported);
  }
  return ancdata;
}

static JsonObject* success(const recvinto_answer* answer) {
  JsonObject* reply = json_object_new();
  json_object_set_int_member(reply, "nbytes", answer->nbytes);
  json_object_set_array_member(reply, "ancdata", report_items(answer));
  json_object_set_int_member(reply, "msg_flags", answer->msg_flags);
  json_object_set_member(reply, "address", report_address(&answer->address));
  return reply;
}

static JsonObject* recvmsg_into(JsonObject* request) {
  JsonArray* entries = json_object_get_array_member(request, "buffers");
  g_autoptr(GArray) storages = make_storages(entries);
  g_autoptr(GArray) vectors = make_vectors(entries, storages);
  const int64_t flags = json_object_get_int_member_with_default(request, "flags", 0);
  const gboolean waits =
      !json_object_has_member(request, "timeout_ms") || json_object_get_null_member(request, "timeout_ms");
  const int64_t timeout_ms = waits ? 0 : json_object_get_int_member(request, "timeout_ms");
  const recvinto_call call = {.size = sizeof call,
                              .fd = (int)json_object_get_int_member(request, "fd"),
                              .buffers = (const struct iovec*)(const void*)vectors->data,
                              .buffer_count = vectors->len,
                              .flags = &flags,
                              .timeout_ms = waits ? NULL : &timeout_ms};
  static recvinto_item items[kItemsRoom];
  static unsigned char data[kDataRoom];
  recvinto_answer answer = {
      .size = sizeof answer, .items = items, .items_room = kItemsRoom, .data = data, .data_room = kDataRoom};

  handled = 0;
  const int outcome = recvinto_plugin_v1()->call(&call, &answer);
  if (outcome == RECVINTO_UNSUPPORTED) return unsupported(answer.message);
  JsonObject* reply = outcome == RECVINTO_RECEIVED ? success(&answer) : failure(&answer);
  json_object_set_int_member(reply, "signals", handled);
  json_object_set_array_member(reply, "buffers", report_storages(storages));
  return reply;
}

static JsonObject* close_descriptors(JsonArray* fds) {
  recvinto_plugin_v1()->reset();
  for (guint i = 0; i < json_array_get_length(fds); ++i) close((int)json_array_get_int_element(fds, i));
  return json_object_new();
}

static JsonObject* handle_signal(int signum, const char* handler) {
  struct sigaction action = {.sa_flags = 0};  // without SA_RESTART, as the protocol wants it
  if (g_str_equal(handler, "return"))
    action.sa_handler = count_signal;
  else if (g_str_equal(handler, "default"))
    action.sa_handler = SIG_DFL;
  else
    return unsupported("raising_handler");
  sigaction(signum, &action, NULL);
  return json_object_new();
}

static JsonObject* answer(JsonObject* request, const char* op) {
  if (g_str_equal(op, "hello")) return hello();
  if (g_str_equal(op, "recvmsg_into")) return recvmsg_into(request);
  if (g_str_equal(op, "close")) return close_descriptors(json_object_get_array_member(request, "fds"));
  if (g_str_equal(op, "signal"))
    return handle_signal((int)json_object_get_int_member(request, "signum"),
                         json_object_get_string_member(request, "handler"));
  if (g_str_equal(op, "bye")) return json_object_new();
  return unsupported(op);
}

static void print_line(JsonObject* reply) {
  g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
  json_node_take_object(root, reply);
  g_autofree gchar* line = json_to_string(root, FALSE);
  puts(line);
  fflush(stdout);
}

/// getline, but a signal that arrives between two requests does not end the adapter.
static ssize_t next_line(char** line, size_t* capacity) {
  for (;;) {
    const ssize_t length = getline(line, capacity, stdin);
    if (length >= 0 || errno != EINTR || feof(stdin)) return length;
    clearerr(stdin);
  }
}

int main(void) {
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autofree char* line = NULL;
  size_t capacity = 0;
  for (ssize_t length; (length = next_line(&line, &capacity)) > 0;) {
    g_autoptr(GError) error = NULL;
    if (!json_parser_load_from_data(parser, line, length, &error))
      g_error("%s in the request %s", error->message, line);
    JsonObject* request = json_node_get_object(json_parser_get_root(parser));
    const char* op = json_object_get_string_member(request, "op");
    JsonObject* reply = answer(request, op);
    json_object_set_int_member(reply, "id", json_object_get_int_member(request, "id"));
    print_line(reply);
    if (g_str_equal(op, "bye")) break;
  }
  return EXIT_SUCCESS;
}
