"""What the throw-away machines have in common: the host's files below an overlay in memory, with systemd and cron."""
import hashlib, os, pathlib, shutil, signal, subprocess, sys

PACKAGES = ["systemd-sysv", "dbus", "cron"]
CACHE = pathlib.Path.home() / ".cache/charond-machine"
# Mounts are made in a mount namespace of our own and end with it.
WORK = pathlib.Path("/run/charond-machine")
ROOT = WORK / "root"
NO_MACHINE = 125


class NoMachine(Exception):
    pass


def run(*words, quiet=False, **options):
    """Runs a host's command that must succeed."""
    output = subprocess.PIPE if quiet else sys.stderr
    result = subprocess.run([str(word) for word in words], stdout=output, stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        raise NoMachine(f"{' '.join(map(str, words))} failed: {(result.stdout or b'').decode(errors='replace')}")


def overlay(layer=None):
    """Mounts ROOT: the host's files, and above them those of `layer` and all that is written, in memory."""
    for name in ("upper", "work"):
        shutil.rmtree(WORK / name, ignore_errors=True)
    if layer:
        run("cp", "-a", layer, WORK / "upper")
    for name in ("upper", "work", "root"):
        (WORK / name).mkdir(exist_ok=True)
    run("mount", "-t", "overlay", "machine", "-o", f"lowerdir=/,upperdir={WORK}/upper,workdir={WORK}/work", ROOT)


def layer():
    """The directory with what the machine has beyond the host; made if the host or this file has changed."""
    key = hashlib.sha256(pathlib.Path(__file__).read_bytes() + pathlib.Path("/var/lib/dpkg/status").read_bytes())
    place = CACHE / key.hexdigest()[:16]
    if place.exists():
        return place
    print("machine: preparing it, once", file=sys.stderr)
    overlay()
    # Scripts of packages may change modes of devices: not those of the host.
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", ROOT / "dev")
    for name, number in (("null", 3), ("zero", 5), ("urandom", 9)):
        os.mknod(ROOT / "dev" / name, 0o020666, os.makedev(1, number))
        os.chmod(ROOT / "dev" / name, 0o666)
    policy = ROOT / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    words = ["chroot", ROOT, "apt-get", "-qq", "-y", "--no-install-recommends", "--no-upgrade", "install", *PACKAGES]
    try:
        run(*words, quiet=True, env=environment)
    except NoMachine:
        run("chroot", ROOT, "apt-get", "-qq", "update", quiet=True, env=environment)
        run(*words, quiet=True, env=environment)
    policy.unlink()
    clean(ROOT)
    run("umount", ROOT / "dev")
    run("umount", ROOT)
    for name in ("var/cache", "var/lib/apt"):
        shutil.rmtree(WORK / "upper" / name, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.iterdir():
        if old.name != "kernel":
            shutil.rmtree(old)
    new = CACHE / f"new-{os.getpid()}"
    # Whiteouts and opaque directories are devices and extended attributes, which make the copy a layer.
    run("cp", "-a", WORK / "upper", new)
    return new.rename(place)


def clean(root):
    """Has nothing start, mount or be scheduled in the machine that the host has so."""
    for name in ("etc/systemd/system", "etc/cron.d", "var/spool/cron/crontabs", "var/log/journal"):
        shutil.rmtree(root / name, ignore_errors=True)
    for name in ("etc/fstab", "etc/crontab", "etc/machine-id"):
        (root / name).write_text("")
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "cron.service").symlink_to("/lib/systemd/system/cron.service")
    for name in ("etc/cron.d", "var/spool/cron/crontabs"):
        (root / name).mkdir(parents=True)
    # DIR may be below /tmp, which systemd-tmpfiles cleans; and sysctls that are not of a namespace are the host's.
    for name in ("etc/tmpfiles.d/tmp.conf", "etc/systemd/system/systemd-sysctl.service"):
        (root / name).symlink_to("/dev/null")


def main(text, boot):
    """Has boot(directory, command) give the status of the program's own COMMAND, in a mount namespace with WORK."""
    if len(sys.argv) < 3:
        sys.exit(text)
    try:
        if os.getuid() != 0:
            raise NoMachine("it needs root")
        directory = pathlib.Path(sys.argv[1]).resolve(strict=True)
        if os.environ.pop("CHARON_MACHINE_NAMESPACE", None) is None:
            environment = dict(os.environ, CHARON_MACHINE_NAMESPACE="own")
            os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", *sys.orig_argv], environment)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(NO_MACHINE))
        WORK.mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", WORK)
        sys.exit(boot(directory, sys.argv[2:]))
    except NoMachine as error:
        print(f"machine: {error}", file=sys.stderr)
        sys.exit(NO_MACHINE)
