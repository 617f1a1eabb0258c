package localfile_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncline/sync/source"
	"syncline/sync/source/localfile"
)

const (
	oldContent = "id,name\n1,old\n"
	newContent = "id,name\n1,new and rather longer than before\n"
)

func TestReplaceKeepsModeAndPreviousVersion(t *testing.T) {
	t.Parallel()
	path := file(t, oldContent)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	r := localfile.New()
	r.Now = func() time.Time { return time.Date(2026, 11, 24, 7, 22, 31, 123e6, time.FixedZone("", 3600)) }
	replace(t, r, path, newContent)
	if got := content(t, path); got != newContent {
		t.Errorf("got %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want 0640", info.Mode(), err)
	}
	backup := filepath.Join(filepath.Dir(path), localfile.Backups, "people.2026-11-24T06-22-31.123Z.csv")
	if got := content(t, backup); got != oldContent {
		t.Errorf("backup holds %q", got)
	}
	if got := list(t, filepath.Dir(path)); len(got) != 2 {
		t.Errorf("beside the file stand %v, want only the backups", got)
	}
}

func TestOnlyTheNewestBackupsAreKept(t *testing.T) {
	t.Parallel()
	path := file(t, "version 0\n")
	dir := filepath.Join(filepath.Dir(path), localfile.Backups)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "people.of-mine.csv")
	if err := os.WriteFile(other, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := localfile.New()
	r.Now = func() time.Time { return time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC) } // one moment for all
	for i := range 8 {
		replace(t, r, path, fmt.Sprintf("version %d\n", i+1))
	}
	var got []string
	for _, name := range list(t, dir) {
		got = append(got, strings.TrimSpace(content(t, filepath.Join(dir, name))))
	}
	if want := "version 3,version 4,version 5,version 6,version 7,not ours"; strings.Join(got, ",") != want {
		t.Errorf("kept %v, want %s", got, want)
	}
}

func TestASymbolicLinkStaysAndItsTargetIsReplaced(t *testing.T) {
	t.Parallel()
	target := file(t, oldContent)
	link := filepath.Join(t.TempDir(), "link.csv")
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	replace(t, localfile.New(), link, newContent)
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if got := content(t, target); got != newContent {
		t.Errorf("the target holds %q", got)
	}
}

func TestAReadOnlyFileIsRefused(t *testing.T) {
	t.Parallel()
	path := file(t, oldContent)
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	_, err := localfile.New().Stage(t.Context(), path, hash(t, path), writing(newContent))
	var ro *source.ReadOnlyError
	if !errors.As(err, &ro) || !strings.Contains(ro.Msg, "marked as read-only") {
		t.Errorf("got %v", err)
	}
}

func TestCommitNoticesAnEdit(t *testing.T) {
	t.Parallel()
	edits := map[string]func(path string) error{
		"saved in place": func(p string) error { return os.WriteFile(p, []byte("edited\n"), 0o600) },
		"replaced": func(p string) error {
			if err := os.WriteFile(p+"2", []byte("edited\n"), 0o600); err != nil {
				return err
			}
			return os.Rename(p+"2", p)
		},
		"deleted": os.Remove,
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := file(t, oldContent)
			s, err := localfile.New().Stage(t.Context(), path, hash(t, path), writing(newContent))
			if err != nil {
				t.Fatal(err)
			}
			if err := edit(path); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(t.Context()); !errors.Is(err, source.ErrMoved) {
				t.Errorf("got %v, want ErrMoved", err)
			}
			if b, err := os.ReadFile(path); err == nil && string(b) != "edited\n" {
				t.Errorf("the edit became %q", b)
			}
		})
	}
}

// An edit between the hash of the file and the rename shows in the file's time.
func TestCommitNoticesAnEditWhileItBacksUp(t *testing.T) {
	t.Parallel()
	path := file(t, oldContent)
	r := localfile.New()
	r.Disk = &faulty{Disk: localfile.OS{}, before: func(op string) error {
		if op == "link" {
			return os.WriteFile(path, []byte("edited\n"), 0o600)
		}
		return nil
	}}
	s, err := r.Stage(t.Context(), path, hash(t, path), writing(newContent))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context()); !errors.Is(err, source.ErrMoved) {
		t.Errorf("got %v, want ErrMoved", err)
	}
	if got := content(t, path); got != "edited\n" {
		t.Errorf("the edit became %q", got)
	}
}

func TestAFileOpenInAnOfficeProgramIsNotReplaced(t *testing.T) {
	t.Parallel()
	owner := append([]byte{9}, "Anna Muel"...)
	owner = append(owner, make([]byte, 55-len(owner))...)
	owner = append(owner, 9, 0)
	for _, r := range "Anna Mül." {
		owner = append(owner, byte(r), byte(r>>8))
	}
	tests := map[string]struct {
		name string
		lock []byte
		want string
	}{
		"Excel":               {"~$people.csv", append(owner, make([]byte, 90)...), "is open in Excel by Anna Mül.."},
		"Excel, unreadable":   {"~$people.csv", nil, "is open in Excel."},
		"LibreOffice":         {".~lock.people.csv#", []byte(`Anna Müller,anna,desk,24.11.2026 06:14,file:///home/anna;`), "is open in LibreOffice by Anna Müller on desk."},
		"LibreOffice, system": {".~lock.people.csv#", []byte(`,anna,,24.11.2026 06:14,file:///home/anna;`), "is open in LibreOffice by anna."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := file(t, oldContent)
			s, err := localfile.New().Stage(t.Context(), path, hash(t, path), writing(newContent))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), test.name), test.lock, 0o600); err != nil {
				t.Fatal(err)
			}
			err = s.Commit(t.Context())
			var ro *source.ReadOnlyError
			if !errors.As(err, &ro) || !strings.HasPrefix(ro.Msg, test.want) || !strings.Contains(ro.Msg, test.name) {
				t.Errorf("got %v, want %q and the name of the lock", err, test.want)
			}
			if got := content(t, path); got != oldContent {
				t.Errorf("the file became %q", got)
			}
		})
	}
}

func TestStaleTemporaryFilesAreSweptAndFreshOnesStay(t *testing.T) {
	t.Parallel()
	path := file(t, oldContent)
	temp := func(name string, age time.Duration) string {
		p := filepath.Join(filepath.Dir(path), name)
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(p, at, at); err != nil {
			t.Fatal(err)
		}
		return p
	}
	stale := temp(".people.csv.aa.syncline-tmp", 25*time.Hour)
	temp(".people.csv.bb.syncline-tmp", time.Hour)
	temp(".others.csv.cc.syncline-tmp", 25*time.Hour)
	replace(t, localfile.New(), path, newContent)
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the stale temporary file is still there")
	}
	if got := list(t, filepath.Dir(path)); len(got) != 4 {
		t.Errorf("there is %v, want the file, its backups and two temporary files", got)
	}
}

func TestACancelledContextWritesNothing(t *testing.T) {
	t.Parallel()
	path := file(t, oldContent)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := localfile.New().Stage(ctx, path, hash(t, path), func(w io.Writer) error {
		cancel()
		_, err := io.WriteString(w, newContent)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := list(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// Every operation of a replacement fails in turn, first alone, then as if the
// process died there. The file is whole before and after, and an error that
// comes back before the rename leaves nothing beside it.
func TestAFaultAtAnyStepLeavesAWholeFile(t *testing.T) {
	t.Parallel()
	faults := []struct {
		err  error
		says string
	}{
		{syscall.ENOSPC, "disk it is on is full"},
		{syscall.EIO, "input/output error"},
		{fs.ErrPermission, "you may not write to the folder"},
	}
	for _, fault := range faults {
		for _, crash := range []bool{false, true} {
			for _, links := range []bool{true, false} {
				for step := 0; failAt(t, step, fault.err, fault.says, crash, links); step++ {
				}
			}
		}
	}
}

// failAt runs one replacement whose step-th operation fails. It returns false
// when there was no such step.
func failAt(t *testing.T, step int, fault error, says string, crash, links bool) (hit bool) {
	t.Helper()
	path := file(t, oldContent)
	name := fmt.Sprintf("%v at step %d (crash %v, links %v)", fault, step, crash, links)
	n, op := 0, ""
	disk := &faulty{Disk: localfile.OS{}, noLinks: !links}
	disk.before = func(o string) error {
		n++
		if n-1 == step {
			hit, op = true, o
		}
		if n-1 == step || hit && crash {
			return &fs.PathError{Op: o, Path: path, Err: fault}
		}
		return nil
	}
	r := localfile.New()
	r.Disk = disk
	s, err := r.Stage(t.Context(), path, hash(t, path), writing(newContent))
	if err == nil {
		if got := content(t, path); got != oldContent {
			t.Errorf("%s: Stage touched the file: %q", name, got)
		}
		err = s.Commit(t.Context())
	}
	disk.powerLoss(t)
	got := content(t, path)
	if got != oldContent && got != newContent {
		t.Errorf("%s (%s): the file is neither old nor new: %q", name, op, got)
	}
	if err == nil && disk.undurable != "" {
		t.Errorf("%s (%s): success, before the rename was durable", name, op)
	}
	if err == nil && got != newContent {
		t.Errorf("%s (%s): success, and yet the file is old", name, op)
	}
	if err != nil && got == oldContent && !strings.Contains(err.Error(), says) && op != "stat" && op != "open" {
		t.Errorf("%s (%s): the error %q does not say %q", name, op, err, says)
	}
	if written := errors.Is(err, source.ErrUnconfirmed); err != nil && written != (got == newContent) {
		t.Errorf("%s (%s): the error %v says that the file is new: %v, and it is %q", name, op, err, written, got)
	}
	if err != nil && got == oldContent && !crash && op != "remove" {
		for _, left := range list(t, filepath.Dir(path)) {
			if strings.Contains(left, "syncline-tmp") {
				t.Errorf("%s (%s): left %s behind", name, op, left)
			}
		}
	}
	if got == newContent && !disk.backedUp(t, path) {
		t.Errorf("%s (%s): the old content is in no backup", name, op)
	}
	return hit
}

// lostAnswer is a disk whose renames take place and answer with an error.
type lostAnswer struct{ localfile.OS }

func (d lostAnswer) Rename(old, new string) error {
	return errors.Join(d.OS.Rename(old, new), &os.LinkError{Op: "rename", Old: old, New: new, Err: syscall.EIO})
}

func TestARenameWhoseAnswerIsLostIsNotCalledUndone(t *testing.T) {
	t.Parallel()
	path := file(t, oldContent)
	r := localfile.New()
	r.Disk = lostAnswer{}
	s, err := r.Stage(t.Context(), path, hash(t, path), writing(newContent))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context()); !errors.Is(err, source.ErrUnconfirmed) {
		t.Errorf("got %v", err)
	}
	if got := content(t, path); got != newContent {
		t.Errorf("the file is %q", got)
	}
	var kept []string
	for _, name := range list(t, filepath.Join(filepath.Dir(path), localfile.Backups)) {
		kept = append(kept, content(t, filepath.Join(filepath.Dir(path), localfile.Backups, name)))
	}
	if len(kept) != 1 || kept[0] != oldContent {
		t.Errorf("the old content is in no backup: %q", kept)
	}
}

// The fault test is worth something only if it notices a missing sync.
func TestAMissingSyncWouldTearTheFile(t *testing.T) {
	t.Parallel()
	path := file(t, oldContent)
	disk := &faulty{Disk: localfile.OS{}, before: func(string) error { return nil }, lyingSync: true}
	r := localfile.New()
	r.Disk = disk
	replace(t, r, path, newContent)
	disk.powerLoss(t)
	if got := content(t, path); got == newContent || got == oldContent {
		t.Error("a replacement without a sync survived the loss of power: the model is blind")
	}
}

// faulty is a disk that asks before each operation, and that can lose what was
// written and not synced.
type faulty struct {
	localfile.Disk
	before    func(op string) error
	noLinks   bool
	lyingSync bool
	unsynced  map[string]string // content lost with the power, by first name → present name
	undurable string            // the directory of a rename that is not synced yet
}

func (d *faulty) Open(name string) (io.ReadCloser, error) {
	if err := d.before("open"); err != nil {
		return nil, err
	}
	return d.Disk.Open(name)
}

func (d *faulty) Create(name string, mode fs.FileMode) (localfile.WriteFile, error) {
	if err := d.before("create"); err != nil {
		return nil, err
	}
	f, err := d.Disk.Create(name, mode)
	if err != nil {
		return nil, err
	}
	if d.unsynced == nil {
		d.unsynced = map[string]string{}
	}
	d.unsynced[name] = name
	return &faultyFile{f, d, name}, nil
}

func (d *faulty) Stat(name string) (fs.FileInfo, error) {
	if err := d.before("stat"); err != nil {
		return nil, err
	}
	return d.Disk.Stat(name)
}

func (d *faulty) Mkdir(name string) error {
	if err := d.before("mkdir"); err != nil {
		return err
	}
	return d.Disk.Mkdir(name)
}

func (d *faulty) Link(old, new string) error {
	if d.noLinks {
		return &os.LinkError{Op: "link", Old: old, New: new, Err: errors.ErrUnsupported}
	}
	if err := d.before("link"); err != nil {
		return err
	}
	return d.Disk.Link(old, new)
}

func (d *faulty) Rename(old, new string) error {
	if err := d.before("rename"); err != nil {
		return err
	}
	err := d.Disk.Rename(old, new)
	d.undurable = filepath.Dir(new)
	if _, torn := d.unsynced[old]; err == nil && torn {
		d.unsynced[old] = new
	}
	return err
}

func (d *faulty) Remove(name string) error {
	if err := d.before("remove"); err != nil {
		return err
	}
	return d.Disk.Remove(name)
}

func (d *faulty) SyncDir(name string) error {
	if err := d.before("sync directory"); err != nil {
		return err
	}
	if name == d.undurable {
		d.undurable = ""
	}
	return d.Disk.SyncDir(name)
}

// powerLoss halves every file that was not synced.
func (d *faulty) powerLoss(t *testing.T) {
	t.Helper()
	for _, name := range d.unsynced {
		if info, err := os.Stat(name); err == nil {
			if err := os.Truncate(name, info.Size()/2); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (d *faulty) backedUp(t *testing.T, path string) bool {
	dir := filepath.Join(filepath.Dir(path), localfile.Backups)
	for _, name := range list(t, dir) {
		if content(t, filepath.Join(dir, name)) == oldContent {
			return true
		}
	}
	return false
}

type faultyFile struct {
	localfile.WriteFile
	disk *faulty
	name string
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.disk.before("write"); err != nil {
		n, _ := f.WriteFile.Write(p[:len(p)/2]) // a full disk takes what fits
		return n, err
	}
	return f.WriteFile.Write(p)
}

func (f *faultyFile) Chmod(mode fs.FileMode) error {
	if err := f.disk.before("chmod"); err != nil {
		return err
	}
	return f.WriteFile.Chmod(mode)
}

func (f *faultyFile) Sync() error {
	if err := f.disk.before("sync"); err != nil {
		return err
	}
	if !f.disk.lyingSync {
		delete(f.disk.unsynced, f.name)
	}
	return f.WriteFile.Sync()
}

func (f *faultyFile) Close() error {
	return errors.Join(f.WriteFile.Close(), f.disk.before("close"))
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func hash(t *testing.T, path string) string {
	t.Helper()
	h, err := localfile.Hash(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func writing(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

func replace(t *testing.T, r *localfile.Replacer, path, content string) {
	t.Helper()
	s, err := r.Stage(t.Context(), path, hash(t, path), writing(content))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := hash(t, path); got != s.After() {
		t.Error("After is not the version after")
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
}
