"""The machine with a kernel of its own enforces what a scope is given."""
import pathlib, subprocess, unittest

import host


def scope(name, *properties, script):
    """Runs a script in a transient scope; its process."""
    words = [f"--property={text}" for text in properties]
    return subprocess.Popen(["systemd-run", "--quiet", "--scope", f"--unit={name}", *words, "bash", "-c", script],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Controllers(unittest.TestCase):
    def test_memory(self):
        script = "head -c 100M /dev/zero | tail | wc -c"
        free, _ = scope("free", "MemoryMax=300M", "MemorySwapMax=0", script=script).communicate()
        self.assertEqual(free.strip(), "104857600")
        process = scope("limited", "MemoryMax=30M", "MemorySwapMax=0", script=script)
        limited, _ = process.communicate()
        self.assertNotIn("104857600", limited)
        self.assertIn("limited.scope", host.sh("journalctl", "--dmesg", "--grep=oom-kill", "--no-pager"))

    def test_tasks(self):
        script = "for n in {1..20}; do sleep 5 & done; jobs -p | wc -l; kill $(jobs -p)"
        free, _ = scope("many", "TasksMax=100", script=script).communicate()
        self.assertIn("20\n", free)
        limited, _ = scope("few", "TasksMax=10", script=script).communicate()
        self.assertIn("Resource temporarily unavailable", limited)

    def test_kill(self):
        process = scope("killed", script="setsid sleep 100 & sleep 100; true")
        group = pathlib.Path("/sys/fs/cgroup/system.slice/killed.scope")
        processes = group / "cgroup.procs"
        host.wait_for(lambda: group.exists() and len(processes.read_text().split()) == 3, "three processes")
        (group / "cgroup.kill").write_text("1")
        process.communicate(timeout=host.LIMIT)
        self.assertEqual(process.returncode, -9)
        host.wait_for(lambda: not group.exists(), "the scope is gone")


if __name__ == "__main__":
    unittest.main()
