/* lwIP's lwip_recvmsg as a plug-in: a stack of TCP/IP in this process, which has sockets of its own. A datagram that
   waits in the suite's socket is put into an IP packet and given to lwIP as one that a network interface has received;
   lwIP's own socket then receives it. It leaves the suite's socket when lwIP has returned it. Errors, and waiting, are
   the host's. */
#include <arpa/inet.h>
#include <errno.h>
#include <lwip/inet_chksum.h>
#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/sockets.h>
#include <lwip/tcpip.h>
#include <poll.h>
#include <recvinto/plugin.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One port for each family: a socket of IPv6 is bound for both. */
enum { PORT_4 = 7, PORT_6 = 8, MOST = 65535, HEADER_4 = 20, HEADER_6 = 40, HEADER_UDP = 8, UDP = 17 };

/* A call without buffers is EMSGSIZE, as POSIX has it (no_buffers). */
static const char* const kCapabilities[] = {"scatter", "empty_buffers", "address", "msg_flags", "nonblocking", NULL};
static const char* const kSockets[] = {"udp4", "udp6", NULL};

static const recvinto_hello* hello(void) {
  static const recvinto_hello made = {sizeof made, "lwIP", LWIP_VERSION_STRING, "C", kCapabilities, NULL,
                                      kSockets,    NULL};
  return &made;
}

static struct netif interface;
static int socket_4, socket_6;
static sem_t is_up;

/* What lwIP would send has nowhere to go. */
static err_t drop_4(struct netif* netif, struct pbuf* packet, const ip4_addr_t* to) {
  (void)netif, (void)packet, (void)to;
  return ERR_OK;
}
static err_t drop_6(struct netif* netif, struct pbuf* packet, const ip6_addr_t* to) {
  (void)netif, (void)packet, (void)to;
  return ERR_OK;
}

static err_t set_up(struct netif* netif) {
  netif->name[0] = 's';
  netif->name[1] = 'u';
  netif->mtu = MOST;
  netif->output = drop_4;
  netif->output_ip6 = drop_6;
  return ERR_OK;
}

static void stack_is_up(void* unused) {
  ip4_addr_t address, mask, gateway;
  (void)unused;
  IP4_ADDR(&address, 127, 0, 0, 1);
  IP4_ADDR(&mask, 255, 0, 0, 0);
  ip4_addr_set_zero(&gateway);
  netif_add(&interface, &address, &mask, &gateway, NULL, set_up, ip_input);
  netif_ip6_addr_set_parts(&interface, 0, 0, 0, 0, PP_HTONL(1));
  netif_ip6_addr_set_state(&interface, 0, IP6_ADDR_PREFERRED);
  netif_set_up(&interface);
  netif_set_link_up(&interface);
  sem_post(&is_up);
}

static int socket_of(int family) {
  struct sockaddr_in name_4 = {.sin_family = AF_INET, .sin_port = htons(PORT_4)};
  struct sockaddr_in6 name_6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT_6)};
  const struct timeval longest = {2, 0};
  const int made = lwip_socket(family, SOCK_DGRAM, 0);
  const void* name = family == AF_INET ? (const void*)&name_4 : (const void*)&name_6;
  if (made < 0 || lwip_bind(made, name, family == AF_INET ? sizeof name_4 : sizeof name_6) != 0) abort();
  lwip_setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  return made;
}

static void begin(void) {
  static int has_begun = 0;
  if (has_begun) return;
  has_begun = 1;
  sem_init(&is_up, 0, 0);
  tcpip_init(stack_is_up, NULL);
  while (sem_wait(&is_up) != 0) continue;
  socket_4 = socket_of(AF_INET);
  socket_6 = socket_of(AF_INET6);
}

static void put_16(unsigned char* at, unsigned value) {
  at[0] = (unsigned char)(value >> 8);
  at[1] = (unsigned char)value;
}

/* Ports and length; without a checksum, which IPv4 allows. */
static void put_udp(unsigned char* at, in_port_t from, unsigned to, size_t size) {
  memcpy(at, &from, 2);
  put_16(at + 2, to);
  put_16(at + 4, (unsigned)(HEADER_UDP + size));
}

static struct pbuf* packet_4(const struct in_addr* from, in_port_t port, unsigned to_port, const unsigned char* data,
                             size_t size) {
  unsigned char header[HEADER_4 + HEADER_UDP] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, UDP};
  struct pbuf* packet = pbuf_alloc(PBUF_RAW, (u16_t)(sizeof header + size), PBUF_RAM);
  const uint32_t to = htonl(INADDR_LOOPBACK);
  if (packet == NULL) return NULL;
  put_16(header + 2, (unsigned)(sizeof header + size));
  memcpy(header + 12, from, 4);
  memcpy(header + 16, &to, 4);
  memcpy(header + 10, &(uint16_t){inet_chksum(header, HEADER_4)}, 2);
  put_udp(header + HEADER_4, port, to_port, size);
  pbuf_take(packet, header, sizeof header);
  pbuf_take_at(packet, data, (u16_t)size, sizeof header);
  return packet;
}

static struct pbuf* packet_6(const struct sockaddr_in6* from, const unsigned char* data, size_t size) {
  unsigned char header[HEADER_6 + HEADER_UDP] = {0x60, 0, 0, 0, 0, 0, UDP, 64};
  struct pbuf* packet = pbuf_alloc(PBUF_RAW, (u16_t)(sizeof header + size), PBUF_RAM);
  ip6_addr_t source, destination;
  uint16_t checksum;
  if (packet == NULL) return NULL;
  put_16(header + 4, (unsigned)(HEADER_UDP + size));
  memcpy(header + 8, &from->sin6_addr, 16);
  memcpy(header + 24, &in6addr_loopback, 16);
  put_udp(header + HEADER_6, from->sin6_port, PORT_6, size);
  pbuf_take(packet, header, sizeof header);
  pbuf_take_at(packet, data, (u16_t)size, sizeof header);
  memset(&source, 0, sizeof source);
  memset(&destination, 0, sizeof destination);
  memcpy(source.addr, &from->sin6_addr, 16);
  memcpy(destination.addr, &in6addr_loopback, 16);
  pbuf_remove_header(packet, HEADER_6);
  checksum = ip6_chksum_pseudo(packet, UDP, packet->tot_len, &source, &destination);
  pbuf_add_header(packet, HEADER_6);
  pbuf_take_at(packet, &checksum, 2, HEADER_6 + 6);
  return packet;
}

static struct pbuf* packet_from(const struct sockaddr_storage* from, const unsigned char* data, size_t size) {
  const struct sockaddr_in* from_4 = (const struct sockaddr_in*)from;
  const struct sockaddr_in6* from_6 = (const struct sockaddr_in6*)from;
  struct in_addr mapped;
  if (from->ss_family == AF_INET) return packet_4(&from_4->sin_addr, from_4->sin_port, PORT_4, data, size);
  if (!IN6_IS_ADDR_V4MAPPED(&from_6->sin6_addr)) return packet_6(from_6, data, size);
  memcpy(&mapped, from_6->sin6_addr.s6_addr + 12, 4);
  return packet_4(&mapped, from_6->sin6_port, PORT_6, data, size);
}

static int failed(const char* class, int number, recvinto_answer* answer) {
  answer->error_number = number;
  snprintf(answer->error_class, sizeof answer->error_class, "%s", class);
  snprintf(answer->message, sizeof answer->message, "%s", strerror(number));
  return RECVINTO_FAILED;
}

/* What waits in the suite's socket is peeked at, and stays there. */
static ssize_t look_at(int fd, int waits, unsigned char* data, struct sockaddr_storage* from) {
  socklen_t length = sizeof *from;
  const ssize_t size = recvfrom(fd, data, MOST, MSG_PEEK | (waits ? 0 : MSG_DONTWAIT), (struct sockaddr*)from, &length);
  return size;
}

static int call(const recvinto_call* call, recvinto_answer* answer) {
  static unsigned char data[MOST];
  struct sockaddr_storage from, sender = {0};
  struct msghdr message = {.msg_name = &sender,
                           .msg_namelen = sizeof sender,
                           .msg_iov = (struct iovec*)call->buffers,
                           .msg_iovlen = call->buffer_count};
  const ssize_t size = look_at(call->fd, call->timeout_ms == NULL, data, &from);
  struct pbuf* packet;
  ssize_t nbytes;
  int socket, number;
  if (size < 0) return failed("host", errno, answer);
  begin();
  socket = from.ss_family == AF_INET ? socket_4 : socket_6;
  packet = packet_from(&from, data, (size_t)size);
  if (packet == NULL) return failed("packet", ENOBUFS, answer);
  LOCK_TCPIP_CORE();
  interface.input(packet, &interface); /* it has arrived, then */
  UNLOCK_TCPIP_CORE();
  nbytes = lwip_recvmsg(socket, &message, 0);
  number = errno;
  if (nbytes < 0) {
    lwip_recv(socket, data, sizeof data, MSG_DONTWAIT); /* it may be there still */
    return failed("lwIP", number, answer);
  }
  recvfrom(call->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
  answer->nbytes = nbytes;
  answer->msg_flags = message.msg_flags;
  if (message.msg_namelen == 0) return RECVINTO_RECEIVED;
  answer->address.form = RECVINTO_SOCKADDR;
  answer->address.bytes_size =
      message.msg_namelen < sizeof answer->address.bytes ? message.msg_namelen : sizeof answer->address.bytes;
  memcpy(answer->address.bytes, &sender, answer->address.bytes_size);
  return RECVINTO_RECEIVED;
}

const recvinto_plugin* recvinto_plugin_v1(void) {
  static const recvinto_plugin made = {sizeof made, RECVINTO_PLUGIN_VERSION, hello, call, NULL};
  begin(); /* its thread, and what it opens, are there before the suite counts */
  return &made;
}
