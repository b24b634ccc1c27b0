#!/bin/busybox sh
# shellcheck shell=dash
# The first process of a guest: a root, this machine's where it has its processor, seen and not changed, what is written goes to
# memory; then inside.py.
busybox=/bin/busybox
$busybox mount -t proc proc /proc
$busybox mount -t sysfs sysfs /sys
$busybox mount -t devtmpfs dev /dev
for module in $($busybox cat /modules.list); do
  $busybox insmod "/modules/$module" || echo "guest: no module $module"
done
$busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 root /lower || echo "guest: no root"
$busybox mount -t tmpfs tmpfs /changes
$busybox mkdir /changes/upper /changes/work
$busybox mount -t overlay -o lowerdir=/lower,upperdir=/changes/upper,workdir=/changes/work overlay /root || echo "guest: no overlay"
for directory in proc sys dev; do
  $busybox mkdir -p "/root/$directory"
  $busybox mount --move "/$directory" "/root/$directory"
done
for directory in tmp run dev/shm; do
  $busybox mkdir -p "/root/$directory"
  $busybox mount -t tmpfs -o mode=1777 tmpfs "/root/$directory"
done
# Places of this machine, where its root is not the guest's.
if [ -s /places.list ]; then
  $busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 host /host || echo "guest: no host"
  while read -r place; do
    $busybox mkdir -p "/root$place"
    $busybox mount --bind "/host$place" "/root$place" || echo "guest: no $place"
  done </places.list
fi
$busybox mkdir /root/run/out
$busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 out /root/run/out || echo "guest: no place for results"
$busybox ip link set lo up
echo "guest: up"
# shellcheck disable=SC2016 # it is for the shell in the new root
$busybox chroot /root /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  sh -c 'python3 -B "$(cat /run/out/program)" /run/out'
echo "guest: done"
$busybox poweroff -f
