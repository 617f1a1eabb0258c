package command_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"syncline/sync/hubspot/practice"
)

// smallDisk mounts a disk of some size on a folder of the desk.
func (d *desk) smallDisk(name, size string) {
	d.t.Helper()
	dir := d.path(name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		d.t.Skipf("a small disk can't be mounted here: %v", err)
	}
	d.t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			d.t.Error(err)
		}
	})
}

// fill leaves no room on a disk; the file that takes it is returned.
func (d *desk) fill(name string) (filler string) {
	d.t.Helper()
	filler = filepath.Join(d.path(name), "filler")
	f, err := os.Create(filler)
	if err != nil {
		d.t.Error(err)
		return filler
	}
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Error(err)
	}
	return filler
}

func TestAFullDiskUnderTheFileLeavesItWholeAndSaysSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.smallDisk("data", "256k")
	d.write("data/customers.csv", twoCustomers)
	d.define("path: customers.csv", "path: data/customers.csv")
	d.run()
	ann, _ := d.one("ann@example.com")
	d.edit(ann, "firstname", "Anna")
	filler := d.fill("data")
	s := d.run()
	if s.status != 3 || s.report.Counts.Failed != 1 || !strings.Contains(s.out, "The disk it is on is full. The file was left as it was") {
		t.Errorf("status %d: %s", s.status, s.out)
	}
	if d.read("data/customers.csv") != twoCustomers {
		t.Errorf("the file is\n%s", d.read("data/customers.csv"))
	}
	if left, _ := filepath.Glob(d.path("data/.*tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	os.Remove(filler)
	d.run()
	if got := d.read("data/customers.csv"); !strings.Contains(got, "Anna") {
		t.Errorf("the edit did not arrive:\n%s", got)
	}
	d.unchanged()
}

// The workspace's disk fills up at every exchange with the portal, one after
// the other.
func TestAFullDiskUnderTheWorkspaceLosesNothing(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		d, filler, exchanges := fullAt(t, n)
		if exchanges < n {
			t.Logf("%d exchanges", exchanges)
			return
		}
		os.Remove(filler)
		d.run()
		if d.portal.Count("contacts") != 152 {
			t.Fatalf("full at exchange %d: %d contacts, want 152", n, d.portal.Count("contacts"))
		}
		if !strings.Contains(d.read("customers.csv"), "Anna") {
			t.Errorf("full at exchange %d: HubSpot's edit is lost", n)
		}
		if _, p := d.one("bob@example.com"); p["firstname"] != "Rob" {
			t.Errorf("full at exchange %d: the file's edit is lost: %q", n, p["firstname"])
		}
		d.unchanged()
	}
}

// fullAt runs a sync on whose workspace the disk is full from the n-th
// exchange on.
func fullAt(t *testing.T, n int) (d *desk, filler string, exchanges int) {
	m := &meanwhile{}
	var count atomic.Int64
	d = newDesk(t, practice.Options{Observe: func(r practice.Request) {
		if count.Add(1) == int64(n) {
			m.observe(r)
		}
	}})
	d.smallDisk("workspace", "6m")
	count.Store(1 << 20)
	d.run()
	ann, _ := d.one("ann@example.com")
	d.edit(ann, "lastname", "Anna")
	d.write("customers.csv", strings.Replace(twoCustomers, "Bob", "Rob", 1)+manyCustomers(150))
	m.at("", func() { filler = d.fill("workspace") })
	count.Store(0)
	s := d.do("run", "sync.yaml", "--yes")
	exchanges = int(count.Load())
	count.Store(1 << 20)
	if exchanges < n {
		return d, "", exchanges
	}
	if s.status != 0 && (s.status != 1 || !strings.Contains(s.err, "is full")) {
		t.Errorf("full at exchange %d: status %d\n%.300s\n%s", n, s.status, s.out, s.err)
	}
	return d, filler, exchanges
}
