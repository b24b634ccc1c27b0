#!/usr/bin/env python3
"""Runs where the host has little, or forbids much: what cannot be judged is SKIP, and where nothing can be, one line says why.

Usage: RECVMSG_CONFORMANCE=/path/to/recvmsg-conformance surroundings_test.py [arguments of unittest]
"""
import errno
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

from runner_case import ROOT, RUNNER, RunnerTest, has_address_sanitizer, without_network

SOME = "FillOrder.Documented*:AncillaryData.*:ScriptedInterruption.*:Waiting.*"
LARGE = "LargeBuffers.*"
DENIED = "getcwd,getdents64,getppid,gettid,ioctl,kill,pidfd_open,poll,process_vm_readv,recvmsg,seccomp,tgkill,tkill,unshare,wait4"
SECCOMP = {"x86_64": 317, "aarch64": 277}  # the number of seccomp(2)


def limited(what, value):
    return {"preexec_fn": lambda: resource.setrlimit(what, (value, value))}


def has_mounts_of_its_own():
    return shutil.which("unshare") and subprocess.run(["unshare", "--mount", "true"], capture_output=True,
                                                      check=False).returncode == 0


class Surroundings(RunnerTest):
    def assert_nothing_is_judged(self, run, why):
        self.assertEqual(run.status, 3, run.stdout + run.stderr)
        self.assertRegex(run.stderr, rf"\Arecvmsg-conformance: nothing can be judged on this host: .*{why}.*\n\Z", "one line")

    def assert_truthful(self, run):
        self.assertEqual(run.status, 0, run.stdout + run.stderr)
        self.assertLessEqual(set(run.verdicts), {"PASS", "SKIP"})
        self.assertIn("PASS", run.verdicts)

    def within_mounts(self, script):
        """The command that runs another among mounts that `script` has changed, for this process only."""
        if not has_mounts_of_its_own():
            self.skipTest("this process may have no mounts of its own (unshare(1))")
        return ["unshare", "--mount", "bash", "-euc", script + '\nexec "$@"', "bash"]

    @unittest.skipIf(has_address_sanitizer(), "a sanitizer needs terabytes of addresses")
    def test_without_address_space_large_buffers_are_skipped(self):
        for implementation in ("reference", "raw"):
            run = self.judge(implementation, LARGE, **limited(resource.RLIMIT_AS, 2_000_000 * 1024))
            self.assertLessEqual(set(run.verdicts), {"PASS", "SKIP"}, implementation)
            self.assertTrue(any("RLIMIT_AS" in reason for reason in run.reasons("SKIP")), run.reasons("SKIP"))

    def test_without_descriptors_nothing_is_judged(self):
        for limit in (64, 1024):
            for arguments in (["--filter", SOME], ["property", "--seed", "1", "--cases", "100", "--out", self.directory]):
                run = self.call(*arguments, **limited(resource.RLIMIT_NOFILE, limit))
                if limit == 64 or arguments[0] == "--filter":
                    self.assert_nothing_is_judged(run, "descriptors")

    @unittest.skipUnless(os.geteuid() == 0, "root alone may become another user, and has no limit of processes")
    def test_without_processes_nothing_is_judged(self):
        nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", "-c"]
        for limit, why in ((1, "fork: Resource temporarily unavailable"), (50, None)):
            with self.subTest(limit), tempfile.TemporaryDirectory() as directory:
                os.chmod(directory, 0o777)
                program = shutil.copy(RUNNER, directory)  # the build may be where no other user may go
                run = self.end(subprocess.Popen([*nobody, f'cd {directory}; ulimit -u {limit}; exec "$0" "$@"', program,
                                                 "--filter", SOME], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                stderr=subprocess.PIPE, text=True))
                if why:
                    self.assertIn(run.status, (3, 126), run.stdout + run.stderr)
                else:
                    self.assertEqual(run.status, 0, run.stdout + run.stderr)

    def test_without_proc_nothing_is_judged(self):
        within = self.within_mounts("mount -t tmpfs none /proc")
        for arguments in (["run"], ["property", "--cases", "100"], ["replay", self.directory], ["probe"]):
            self.assert_nothing_is_judged(self.call(*arguments, within=within), "/proc is not mounted")

    def test_temporary_files_that_cannot_be_made_cost_what_needs_them(self):
        places = {"missing": "true", "read-only": "mount -t tmpfs -o ro none {}",
                  "full": "mount -t tmpfs -o size=4k,nr_inodes=1 none {}"}
        for name, script in places.items():
            with self.subTest(name):
                place = self.directory / name
                if name != "missing":
                    place.mkdir()
                within = self.within_mounts(f"{script.format(place)}; export TMPDIR={place}")
                run = self.judge("reference", "Address.*:FillOrder.*", within=within)
                self.assert_truthful(run)
                self.assertTrue(any(f"{place} (TMPDIR)" in reason for reason in run.reasons("SKIP")), run.reasons("SKIP"))

    def test_without_a_network_unix_sockets_are_judged(self):
        without = without_network()
        if without is None:
            self.skipTest("this process may have no network of its own (unshare(1))")
        run = self.judge("reference", SOME, within=without)
        self.assert_truthful(run)
        self.assertTrue(any("do not reach each other" in reason for reason in run.reasons("SKIP")))

    def test_in_a_directory_that_is_gone_nothing_is_judged(self):
        gone = self.directory / "gone"
        gone.mkdir()
        run = self.call("--filter", SOME, within=["bash", "-c", f'cd {gone}; rmdir {gone}; exec "$@"', "bash"])
        self.assert_nothing_is_judged(run, "getcwd")

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_output_that_cannot_be_written_is_no_crash(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([RUNNER, "--implementation", "nonsense"], stdin=subprocess.DEVNULL, stdout=full,
                                  stderr=full, check=False)
        self.assertEqual(done.returncode, 64)

    @unittest.skipUnless(platform.machine() in SECCOMP, "the number of seccomp(2) is not known here")
    def test_where_signals_take_scripted_calls_back_no_script_sends_one(self):
        # As before Linux 5.19: SECCOMP_SET_MODE_FILTER does not know SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.
        call = f"{SECCOMP[platform.machine()]},0=1,1={1 << 3 | 1 << 5}"
        within = [sys.executable, "-B", ROOT / "ci/surroundings", "--without-call", call, str(errno.EINVAL)]
        run = self.judge("reference", "Scripted*:Interruption.*", within=within)
        self.assert_truthful(run)
        self.assertTrue(any("WAIT_KILLABLE_RECV" in reason for reason in run.reasons("SKIP")), run.reasons("SKIP"))

    def test_each_system_call_may_be_forbidden(self):
        done = subprocess.run([sys.executable, "-B", ROOT / "ci/surroundings", "--runner", RUNNER, "--filter", SOME,
                               "--calls", DENIED, "--errors", "EPERM", "--jobs", "1"], capture_output=True, text=True,
                              check=False)
        if done.returncode == 69:
            self.skipTest(done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
