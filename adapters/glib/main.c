// The adapter of the recvmsg conformance suite for GLib's g_socket_receive_message(). The contract is ../PROTOCOL.md.
//
// What the interface lacks is not declared: GLib chooses the size of the control buffer, drops items that it has no
// class for, and measures its time-out in seconds; and without a buffer it receives one byte of its own, and throws it
// away.
#define _GNU_SOURCE  // struct ucred, and SCM_CREDENTIALS with it

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixfdmessage.h>
#include <gio/gunixsocketaddress.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char* const kCapabilities[] = {"scatter",     "empty_buffers", "overlap",   "flags",
                                            "msg_flags",   "address",       "ancillary", "rights",
                                            "nonblocking", "signals",       "recvmsg",   "pipelining"};

// The sockets by descriptor. A GSocket owns its descriptor, which is the suite's, so each is kept until `close`.
static GHashTable* sockets;

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
  JsonArray* capabilities = json_array_new();
  for (gsize i = 0; i < G_N_ELEMENTS(kCapabilities); ++i) json_array_add_string_element(capabilities, kCapabilities[i]);
  g_autofree gchar* version = g_strdup_printf("%u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);

  JsonObject* reply = json_object_new();
  json_object_set_int_member(reply, "protocol", 1);
  json_object_set_string_member(reply, "name", "GLib");
  json_object_set_string_member(reply, "version", version);
  json_object_set_string_member(reply, "language", "C");
  json_object_set_array_member(reply, "capabilities", capabilities);
  return reply;
}

// A GError has the kind of an errno and its text, but not the number: this is the number with both, or 0 for none.
static int errno_of(const GError* error) {
  static const int kErrnoEnd = 134;
  if (error->domain != G_IO_ERROR) return 0;
  for (int number = 1; number < kErrnoEnd; ++number) {
    if (error->code == (gint)g_io_error_from_errno(number) && g_str_has_suffix(error->message, g_strerror(number)))
      return number;
  }
  return 0;
}

// What users of GLib know the error as, G_IO_ERROR_WOULD_BLOCK for one.
static const char* name_of(const GError* error) {
  g_autoptr(GEnumClass) names = g_type_class_ref(G_TYPE_IO_ERROR_ENUM);
  const GEnumValue* value = error->domain == G_IO_ERROR ? g_enum_get_value(names, error->code) : NULL;
  return value != NULL ? value->value_name : g_quark_to_string(error->domain);
}

static JsonObject* failure(const GError* error) {
  const int number = errno_of(error);
  const bool timed_out = number == 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  JsonObject* description = json_object_new();
  json_object_set_string_member(description, "class", timed_out ? "TimeoutError" : name_of(error));
  if (number != 0)
    json_object_set_int_member(description, "errno", number);
  else
    json_object_set_null_member(description, "errno");
  json_object_set_string_member(description, "message", error->message);

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

// The parts of the storages that are to be received into.
static GArray* make_vectors(JsonArray* entries, GArray* storages) {
  GArray* vectors = g_array_new(FALSE, FALSE, sizeof(GInputVector));
  for (guint i = 0; i < json_array_get_length(entries); ++i) {
    JsonObject* entry = json_array_get_object_element(entries, i);
    const gint64 maker = json_object_get_int_member_with_default(entry, "storage", i);
    const Storage storage = g_array_index(storages, Storage, maker);
    const gint64 from = json_object_get_int_member_with_default(entry, "from", 0);
    const gint64 to = json_object_get_int_member_with_default(entry, "to", storage.size);
    const GInputVector vector = {.buffer = storage.data + from, .size = to - from};
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

static JsonObject* report_inet_address(GInetSocketAddress* address) {
  GInetAddress* host = g_inet_socket_address_get_address(address);
  g_autofree gchar* host_text = g_inet_address_to_string(host);
  JsonObject* reported = json_object_new();
  json_object_set_int_member(reported, "family", g_inet_address_get_family(host));
  json_object_set_string_member(reported, "host", host_text);
  json_object_set_int_member(reported, "port", g_inet_socket_address_get_port(address));
  if (g_inet_address_get_family(host) == G_SOCKET_FAMILY_IPV6) {
    // GLib hands sin6_flowinfo on as it is, in network byte order.
    json_object_set_int_member(reported, "flowinfo", ntohl(g_inet_socket_address_get_flowinfo(address)));
    json_object_set_int_member(reported, "scope_id", g_inet_socket_address_get_scope_id(address));
  }
  return reported;
}

static JsonObject* report_unix_address(GUnixSocketAddress* address) {
  const GUnixSocketAddressType type = g_unix_socket_address_get_address_type(address);
  g_autoptr(GByteArray) path = g_byte_array_new();
  // GLib leaves out the zero byte that an abstract name begins with.
  if (type == G_UNIX_SOCKET_ADDRESS_ABSTRACT || type == G_UNIX_SOCKET_ADDRESS_ABSTRACT_PADDED)
    g_byte_array_append(path, (const guint8*)"", 1);
  g_byte_array_append(path, (const guint8*)g_unix_socket_address_get_path(address),
                      (guint)g_unix_socket_address_get_path_len(address));
  JsonObject* reported = json_object_new();
  json_object_set_int_member(reported, "family", G_SOCKET_FAMILY_UNIX);
  set_hex_member(reported, "path", path->data, path->len);
  return reported;
}

static JsonObject* report_other_address(GSocketAddress* address) {
  const gsize size = g_socket_address_get_native_size(address);
  g_autofree guint8* native = g_malloc(size);
  JsonObject* reported = json_object_new();
  json_object_set_int_member(reported, "family", g_socket_address_get_family(address));
  if (g_socket_address_to_native(address, native, size, NULL))
    set_hex_member(reported, "raw", native + sizeof(sa_family_t), size - sizeof(sa_family_t));
  return reported;
}

static JsonNode* report_address(GSocketAddress* address) {
  if (address == NULL) return json_node_new(JSON_NODE_NULL);
  JsonObject* reported = G_IS_INET_SOCKET_ADDRESS(address)   ? report_inet_address(G_INET_SOCKET_ADDRESS(address))
                         : G_IS_UNIX_SOCKET_ADDRESS(address) ? report_unix_address(G_UNIX_SOCKET_ADDRESS(address))
                                                             : report_other_address(address);
  JsonNode* node = json_node_new(JSON_NODE_OBJECT);
  json_node_take_object(node, reported);
  return node;
}

static JsonArray* report_message(GSocketControlMessage* message) {
  gsize size = g_socket_control_message_get_size(message);
  g_autofree guint8* data = g_malloc(size);
  g_socket_control_message_serialize(message, data);
  // An fd message closes its descriptors when it goes, unless they are taken from it; they stay open for the suite.
  if (G_IS_UNIX_FD_MESSAGE(message)) g_free(g_unix_fd_message_steal_fds(G_UNIX_FD_MESSAGE(message), NULL));
  g_autofree gchar* hex = to_hex(data, size);

  JsonArray* item = json_array_new();
  json_array_add_int_element(item, g_socket_control_message_get_level(message));
  json_array_add_int_element(item, g_socket_control_message_get_msg_type(message));
  json_array_add_string_element(item, hex);
  return item;
}

static GSocket* adopt_socket(int fd, GError** error) {
  GSocket* adopted = g_hash_table_lookup(sockets, GINT_TO_POINTER(fd));
  if (adopted == NULL) {
    adopted = g_socket_new_from_fd(fd, error);
    if (adopted != NULL) g_hash_table_insert(sockets, GINT_TO_POINTER(fd), adopted);
  }
  return adopted;
}

static JsonObject* receive(int fd, bool blocking, int flags, GArray* vectors) {
  g_autoptr(GError) error = NULL;
  GSocket* receiver = adopt_socket(fd, &error);
  if (receiver == NULL) return failure(error);
  g_socket_set_blocking(receiver, blocking);

  g_autoptr(GSocketAddress) address = NULL;
  GSocketControlMessage** messages = NULL;
  gint message_count = 0;
  const gssize nbytes = g_socket_receive_message(receiver, &address, (GInputVector*)(void*)vectors->data,
                                                 (gint)vectors->len, &messages, &message_count, &flags, NULL, &error);
  if (nbytes < 0) return failure(error);

  JsonArray* ancdata = json_array_new();
  for (gint i = 0; i < message_count; ++i) {
    json_array_add_array_element(ancdata, report_message(messages[i]));
    g_object_unref(messages[i]);
  }
  g_free(messages);

  JsonObject* reply = json_object_new();
  json_object_set_int_member(reply, "nbytes", nbytes);
  json_object_set_array_member(reply, "ancdata", ancdata);
  json_object_set_int_member(reply, "msg_flags", flags);
  json_object_set_member(reply, "address", report_address(address));
  return reply;
}

static JsonObject* recvmsg_into(JsonObject* request) {
  bool blocking = true;
  if (json_object_has_member(request, "timeout_ms") && !json_object_get_null_member(request, "timeout_ms")) {
    if (json_object_get_int_member(request, "timeout_ms") != 0) return unsupported("timeout");
    blocking = false;
  }
  JsonArray* entries = json_object_get_array_member(request, "buffers");
  if (json_array_get_length(entries) == 0) return unsupported("no_buffers");
  g_autoptr(GArray) storages = make_storages(entries);
  g_autoptr(GArray) vectors = make_vectors(entries, storages);

  handled = 0;
  JsonObject* reply = receive((int)json_object_get_int_member(request, "fd"), blocking,
                              (int)json_object_get_int_member_with_default(request, "flags", 0), vectors);
  json_object_set_int_member(reply, "signals", handled);
  json_object_set_array_member(reply, "buffers", report_storages(storages));
  return reply;
}

static JsonObject* close_descriptors(JsonArray* fds) {
  for (guint i = 0; i < json_array_get_length(fds); ++i) {
    const int fd = (int)json_array_get_int_element(fds, i);
    // Removal from the table ends the GSocket, and that closes the descriptor.
    if (!g_hash_table_remove(sockets, GINT_TO_POINTER(fd))) close(fd);
  }
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
  sockets = g_hash_table_new_full(NULL, NULL, NULL, g_object_unref);
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
