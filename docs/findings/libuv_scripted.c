/* libuv: a datagram without an address, as scripted_recvmsg.c answers. cc libuv_scripted.c -o libuv_scripted -luv &&
   RECVMSG=name-of-0 LD_PRELOAD=./scripted_recvmsg.so ./libuv_scripted */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>

static char room[4];

static void allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  (void)handle, (void)suggested;
  *buffer = uv_buf_init(room, sizeof room);
}

static void received(uv_udp_t* handle, ssize_t count, const uv_buf_t* buffer, const struct sockaddr* address,
                     unsigned flags) {
  (void)buffer, (void)flags;
  printf("%zd bytes, address %s, family %d, path %s\n", count, address == NULL ? "NULL" : "not NULL",
         address == NULL ? 0 : address->sa_family,
         address == NULL ? "" : ((const struct sockaddr_un*)address)->sun_path);
  uv_close((uv_handle_t*)handle, NULL);
}

int main(void) {
  int pair[2];
  uv_udp_t handle;
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  send(pair[0], "abcd", 4, 0);
  uv_udp_init(uv_default_loop(), &handle);
  uv_udp_open(&handle, pair[1]);
  uv_udp_recv_start(&handle, allocate, received);
  printf("libuv %s\n", uv_version_string());
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
