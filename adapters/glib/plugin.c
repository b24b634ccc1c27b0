// GLib's g_socket_receive_message() as a plug-in of the recvmsg conformance suite; main.c makes an adapter process of
// it.
//
// What the interface lacks is not declared: GLib chooses the size of the control buffer, drops items that it has no
// class for, and measures its time-out in seconds; and without a buffer it receives one byte of its own, and throws it
// away.
#define _GNU_SOURCE  // dup3; struct ucred, and SCM_CREDENTIALS with it

#include <arpa/inet.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdmessage.h>
#include <gio/gunixsocketaddress.h>
#include <recvinto/plugin.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static const char* const kCapabilities[] = {"scatter",     "empty_buffers", "overlap", "flags",   "msg_flags",
                                            "address",     "ancillary",     "rights",  "signals", "recvmsg",
                                            "nonblocking", "concurrent",    NULL};

// By descriptor. A GSocket closes its descriptor, which is the suite's, when it goes: none goes before a reset. A
// duplicate for it would be one descriptor more than the process has without it, which shows where there are few.
static GHashTable* sockets;
G_LOCK_DEFINE_STATIC(sockets);

static const recvinto_hello* hello(void) {
  static char version[RECVINTO_NAME_ROOM];
  g_snprintf(version, sizeof version, "%u.%u.%u", glib_major_version, glib_minor_version, glib_micro_version);
  static const recvinto_hello kHello = {
      .size = sizeof kHello, .name = "GLib", .version = version, .language = "C", .capabilities = kCapabilities};
  return &kHello;
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

static int failed(recvinto_answer* answer, const GError* error) {
  answer->error_number = errno_of(error);
  const bool timed_out = answer->error_number == 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_strlcpy(answer->error_class, timed_out ? "TimeoutError" : name_of(error), sizeof answer->error_class);
  g_strlcpy(answer->message, error->message, sizeof answer->message);
  return RECVINTO_FAILED;
}

static int unsupported(recvinto_answer* answer, const char* capability) {
  g_strlcpy(answer->message, capability, sizeof answer->message);
  return RECVINTO_UNSUPPORTED;
}

static void report_inet_address(GInetSocketAddress* address, recvinto_address* reported) {
  GInetAddress* host = g_inet_socket_address_get_address(address);
  g_autofree gchar* host_text = g_inet_address_to_string(host);
  g_strlcpy(reported->host, host_text, sizeof reported->host);
  reported->port = g_inet_socket_address_get_port(address);
  if (g_inet_address_get_family(host) == G_SOCKET_FAMILY_IPV6) {
    // GLib hands sin6_flowinfo on as it is, in network byte order.
    reported->flowinfo = ntohl(g_inet_socket_address_get_flowinfo(address));
    reported->scope_id = g_inet_socket_address_get_scope_id(address);
  }
}

static void append(recvinto_address* reported, const void* bytes, gsize size) {
  const gsize room = sizeof reported->bytes - reported->bytes_size;
  const gsize appended = MIN(size, room);
  memcpy(reported->bytes + reported->bytes_size, bytes, appended);
  reported->bytes_size += appended;
}

static void report_unix_address(GUnixSocketAddress* address, recvinto_address* reported) {
  const GUnixSocketAddressType type = g_unix_socket_address_get_address_type(address);
  // GLib leaves out the zero byte that an abstract name begins with.
  if (type == G_UNIX_SOCKET_ADDRESS_ABSTRACT || type == G_UNIX_SOCKET_ADDRESS_ABSTRACT_PADDED) append(reported, "", 1);
  append(reported, g_unix_socket_address_get_path(address), g_unix_socket_address_get_path_len(address));
}

static void report_other_address(GSocketAddress* address, recvinto_address* reported) {
  const gsize size = g_socket_address_get_native_size(address);
  g_autofree guint8* native = g_malloc(size);
  if (g_socket_address_to_native(address, native, size, NULL))
    append(reported, native + sizeof(sa_family_t), size - sizeof(sa_family_t));
}

static void report_address(GSocketAddress* address, recvinto_address* reported) {
  if (address == NULL) return;
  reported->form = RECVINTO_DECODED;
  reported->family = g_socket_address_get_family(address);
  if (G_IS_INET_SOCKET_ADDRESS(address))
    report_inet_address(G_INET_SOCKET_ADDRESS(address), reported);
  else if (G_IS_UNIX_SOCKET_ADDRESS(address))
    report_unix_address(G_UNIX_SOCKET_ADDRESS(address), reported);
  else
    report_other_address(address, reported);
}

// Behind the data of the items before, of which there are `used` bytes. Returns how many there are then.
static gsize report_message(GSocketControlMessage* message, gsize used, recvinto_answer* answer) {
  const gsize size = g_socket_control_message_get_size(message);
  if (answer->item_count == answer->items_room || size > answer->data_room - used)
    g_error("no room for an item of %" G_GSIZE_FORMAT " bytes", size);
  g_socket_control_message_serialize(message, answer->data + used);
  // An fd message closes its descriptors when it goes, unless they are taken from it; they stay open for the suite.
  if (G_IS_UNIX_FD_MESSAGE(message)) g_free(g_unix_fd_message_steal_fds(G_UNIX_FD_MESSAGE(message), NULL));
  answer->items[answer->item_count++] = (recvinto_item){.level = g_socket_control_message_get_level(message),
                                                        .type = g_socket_control_message_get_msg_type(message),
                                                        .data_begin = used,
                                                        .data_size = size};
  return used + size;
}

static GSocket* adopt_socket(int fd, GError** error) {
  G_LOCK(sockets);
  if (sockets == NULL) sockets = g_hash_table_new(NULL, NULL);
  GSocket* adopted = g_hash_table_lookup(sockets, GINT_TO_POINTER(fd));
  if (adopted == NULL) {
    adopted = g_socket_new_from_fd(fd, error);
    if (adopted != NULL) g_hash_table_insert(sockets, GINT_TO_POINTER(fd), adopted);
  }
  G_UNLOCK(sockets);
  return adopted;
}

static int receive(const recvinto_call* call, recvinto_answer* answer) {
  if (call->timeout_ms != NULL && *call->timeout_ms != 0) return unsupported(answer, "timeout");
  if (call->buffer_count == 0) return unsupported(answer, "no_buffers");
  g_autoptr(GError) error = NULL;
  GSocket* receiver = adopt_socket(call->fd, &error);
  if (receiver == NULL) return failed(answer, error);
  g_socket_set_blocking(receiver, call->timeout_ms == NULL);

  g_autofree GInputVector* vectors = g_new(GInputVector, call->buffer_count);
  for (gsize i = 0; i < call->buffer_count; ++i)
    vectors[i] = (GInputVector){.buffer = call->buffers[i].iov_base, .size = call->buffers[i].iov_len};
  g_autoptr(GSocketAddress) address = NULL;
  GSocketControlMessage** messages = NULL;
  gint message_count = 0;
  answer->msg_flags = call->flags != NULL ? (int)*call->flags : 0;
  answer->nbytes = g_socket_receive_message(receiver, &address, vectors, (gint)call->buffer_count, &messages,
                                            &message_count, &answer->msg_flags, NULL, &error);
  if (answer->nbytes < 0) return failed(answer, error);

  gsize used = 0;
  for (gint i = 0; i < message_count; ++i) {
    used = report_message(messages[i], used, answer);
    g_object_unref(messages[i]);
  }
  g_free(messages);
  report_address(address, &answer->address);
  return RECVINTO_RECEIVED;
}

// The GSocket goes; its descriptor comes back, open on the same socket.
static gboolean release(gpointer fd, gpointer adopted, gpointer unused) {
  (void)unused;
  const int duplicate = fcntl(GPOINTER_TO_INT(fd), F_DUPFD_CLOEXEC, 0);
  g_object_unref(adopted);
  if (duplicate >= 0) {
    dup3(duplicate, GPOINTER_TO_INT(fd), O_CLOEXEC);
    close(duplicate);
  }
  return TRUE;
}

static void reset(void) {
  if (sockets != NULL) g_hash_table_foreach_remove(sockets, release, NULL);
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static const recvinto_plugin kPlugin = {
      .size = sizeof kPlugin, .version = RECVINTO_PLUGIN_VERSION, .hello = hello, .call = receive, .reset = reset};
  return &kPlugin;
}
