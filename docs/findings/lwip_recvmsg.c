/* lwIP: lwip_recvmsg of datagrams. cc lwip_recvmsg.c -o lwip_recvmsg $(pkg-config --cflags --libs lwip) */
#include <arpa/inet.h>
#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/sockets.h>
#include <lwip/tcpip.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

static struct netif interface;
static err_t set_up(struct netif* netif) {
  return netif->mtu = 1500, ERR_OK;
}

int main(void) {
  ip4_addr_t address, mask, none = {0};
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(7), .sin_addr = {htonl(0x0a000001)}};
  tcpip_init(NULL, NULL);
  LOCK_TCPIP_CORE();
  IP4_ADDR(&address, 10, 0, 0, 1), IP4_ADDR(&mask, 255, 255, 255, 0);
  netif_add(&interface, &address, &mask, &none, NULL, set_up, ip_input);
  netif_set_up(&interface), netif_set_link_up(&interface), netif_set_default(&interface);
  UNLOCK_TCPIP_CORE();
  int receiver = lwip_socket(AF_INET, SOCK_DGRAM, 0), sender = lwip_socket(AF_INET, SOCK_DGRAM, 0);
  lwip_bind(receiver, (struct sockaddr*)&name, sizeof name);
  printf("lwIP %s\n", LWIP_VERSION_STRING);

  char two[4] = "--";
  struct iovec parts[3] = {{two, 1}, {NULL, 0}, {two + 1, 1}};
  struct msghdr message = {.msg_iov = (struct iovec[]){{two, 2}}, .msg_iovlen = 1};
  lwip_sendto(sender, "abcdefgh", 8, 0, (struct sockaddr*)&name, sizeof name);
  ssize_t count = lwip_recvmsg(receiver, &message, 0);
  printf("8 bytes into 2: lwip_recvmsg returns %zd, MSG_TRUNC %d, data %.2s\n", count,
         (message.msg_flags & MSG_TRUNC) != 0, two);
  lwip_sendto(sender, "abcdefgh", 8, 0, (struct sockaddr*)&name, sizeof name);
  printf("8 bytes into 2: lwip_recvfrom returns %zd\n", lwip_recvfrom(receiver, two, 2, 0, NULL, NULL));

  lwip_sendto(sender, "ab", 2, 0, (struct sockaddr*)&name, sizeof name);
  message = (struct msghdr){.msg_iov = parts, .msg_iovlen = 3};
  count = lwip_recvmsg(receiver, &message, 0);
  printf("buffers of 1, 0 and 1 bytes: lwip_recvmsg returns %zd, %s\n", count, count < 0 ? strerror(errno) : "");
}
