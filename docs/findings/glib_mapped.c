// GLib and an IPv4 sender to an IPv6 socket: GSocketAddress tells it as an IPv4 address.
//
// cc -Wall glib_mapped.c $(pkg-config --cflags --libs gio-2.0) -o glib_mapped
#include <arpa/inet.h>
#include <gio/gio.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  const int receiver = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 name = {.sin6_family = AF_INET6};
  socklen_t length = sizeof name;
  if (bind(receiver, (struct sockaddr*)&name, sizeof name) != 0) return 1;
  getsockname(receiver, (struct sockaddr*)&name, &length);
  const int sender = socket(AF_INET, SOCK_DGRAM, 0);
  const struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = name.sin6_port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

  // What the system says.
  char data[8] = "";
  char text[INET6_ADDRSTRLEN] = "";
  sendto(sender, "one", 3, 0, (const struct sockaddr*)&to, sizeof to);
  length = sizeof name;
  recvfrom(receiver, data, sizeof data, 0, (struct sockaddr*)&name, &length);
  printf("recvfrom(2): family %d, %s\n", name.sin6_family, inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text));

  // What GLib says.
  sendto(sender, "two", 3, 0, (const struct sockaddr*)&to, sizeof to);
  GSocket* socket = g_socket_new_from_fd(receiver, NULL);
  GSocketAddress* address = NULL;
  GInputVector vector = {data, sizeof data};
  g_socket_receive_message(socket, &address, &vector, 1, NULL, NULL, NULL, NULL, NULL);
  GInetAddress* host = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));
  printf("GLib %u.%u.%u: family %d, %s; the socket is of family %d\n", glib_major_version, glib_minor_version,
         glib_micro_version, g_socket_address_get_family(address), g_inet_address_to_string(host),
         g_socket_get_family(socket));

  // A reply to whom the message came from, as GLib tells it.
  GError* error = NULL;
  g_socket_send_to(socket, address, "reply", 5, NULL, &error);
  if (error != NULL) printf("the reply failed: %s\n", error->message);
  const ssize_t size = recv(sender, data, sizeof data, MSG_DONTWAIT);
  printf("the sender has received: %.*s\n", size < 0 ? 7 : (int)size, size < 0 ? "nothing" : data);
  return 0;
}
