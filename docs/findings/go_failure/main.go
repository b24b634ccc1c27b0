// ReadMsgUnix of package net where recvmsg(2) writes an address and fails. The program runs itself under ptrace(2): the
// kernel receives a datagram, with its sender's address, and in place of the count the call returns EIO.
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		receive()
		return
	}
	runtime.LockOSThread()
	command := exec.Command("/proc/self/exe", "receive")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	check(command.Start())
	var status syscall.WaitStatus
	_, err := syscall.Wait4(command.Process.Pid, &status, 0, nil)
	check(err)
	check(syscall.PtraceSetOptions(command.Process.Pid, syscall.PTRACE_O_TRACECLONE|syscall.PTRACE_O_TRACESYSGOOD))
	check(syscall.PtraceSyscall(command.Process.Pid, 0))
	for {
		thread, err := syscall.Wait4(-1, &status, syscall.WALL, nil)
		if err != nil {
			return // the last thread has ended
		}
		if !status.Stopped() {
			continue
		}
		signal := 0
		if status.StopSignal() == syscall.SIGTRAP|0x80 {
			failing(thread)
		} else if status.StopSignal() != syscall.SIGTRAP && status.StopSignal() != syscall.SIGSTOP {
			signal = int(status.StopSignal())
		}
		syscall.PtraceSyscall(thread, signal)
	}
}

// A recvmsg(2) that returns a count above 0 fails. (On entry, the register has -ENOSYS.)
func failing(thread int) {
	var registers syscall.PtraceRegs
	if syscall.PtraceGetRegs(thread, &registers) != nil || registers.Orig_rax != syscall.SYS_RECVMSG {
		return
	}
	if int64(registers.Rax) > 0 {
		registers.Rax = ^uint64(syscall.EIO) + 1
		check(syscall.PtraceSetRegs(thread, &registers))
	}
}

func receive() {
	fmt.Println(runtime.Version())
	here, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "@go-failure-here", Net: "unixgram"})
	check(err)
	there, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "@go-failure-there", Net: "unixgram"})
	check(err)
	_, err = there.WriteTo([]byte("abcd"), here.LocalAddr())
	check(err)
	n, oobn, flags, from, err := here.ReadMsgUnix(make([]byte, 4), make([]byte, 64))
	fmt.Printf("EIO after an address was written: n %d, oobn %d, flags %d, from %v, error %v\n",
		n, oobn, flags, from, err)
	unnamed, err := net.DialUnix("unixgram", nil, here.LocalAddr().(*net.UnixAddr))
	check(err)
	_, err = unnamed.Write([]byte("abcd"))
	check(err)
	n, _, _, from, err = here.ReadMsgUnix(make([]byte, 4), nil)
	fmt.Printf("EIO without an address:           n %d, from %v, error %v\n", n, from, err)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
