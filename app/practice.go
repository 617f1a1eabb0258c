package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// PracticeFile is the name of the practice portal's file in a workspace.
const PracticeFile = "practice.portal"

// practicePortal is the practice portal of this workspace.
type practicePortal struct {
	portal *practice.Portal
}

// practicePortal opens the practice portal when it is first needed: it lives in this process,
// begins with the demo's content, and is kept in the workspace, whose links must find its
// records again. A damaged file is moved aside, said once, and a new portal begins when it is
// asked for again.
func (a *App) practicePortal(context.Context) (*practicePortal, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.openPractice()
}

// openPractice is practicePortal for who has mu.
func (a *App) openPractice() (*practicePortal, error) {
	if a.practice != nil {
		return a.practice, nil
	}
	p, err := OpenPractice(filepath.Join(a.Store.Dir(), PracticeFile), time.Now(), practice.Options{Limits: a.Env.PracticeLimits})
	if err != nil {
		return nil, err
	}
	a.practice = &practicePortal{portal: p}
	return a.practice, nil
}

// OpenPractice opens the practice portal that is kept in a file, or makes one there.
// A damaged file is kept under another name, which the error tells; the next call makes a new
// portal, with the demo's content and otherwise as the options say. now dates that name.
func OpenPractice(path string, now time.Time, opt practice.Options) (*practice.Portal, error) {
	opt.Seed, opt.Demo = content.DemoSeed, true
	p, err := practice.Open(path, opt)
	var refused *practice.FileError
	if !errors.As(err, &refused) || !refused.Damaged {
		return p, err
	}
	aside := path + ".damaged-" + now.Format("20060102-150405")
	if moved := os.Rename(path, aside); moved != nil {
		return nil, fmt.Errorf("%w; it can't be moved aside either: %w", err, moved)
	}
	return nil, fmt.Errorf("%w. It is kept as %s. Try again to begin a new practice portal: it has the demo's records under the same ids, and none that were made since", err, aside)
}

// closePractice brings the practice portal to rest.
func (a *App) closePractice() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.restPractice()
}

// restPractice is closePractice for who has mu.
func (a *App) restPractice() error {
	if a.practice == nil {
		return nil
	}
	err := a.practice.portal.Close()
	a.practice = nil
	return err
}

// Practice returns the practice portal, for a person to edit as in HubSpot's
// own screens.
func (a *App) Practice(ctx context.Context) (*practice.Portal, error) {
	p, err := a.practicePortal(ctx)
	if err != nil {
		return nil, err
	}
	return p.portal, nil
}

// ConnectPractice connects the practice portal.
func (a *App) ConnectPractice(ctx context.Context) (c store.Connection, err error) {
	c, err = a.Store.Connection(ctx, PracticeName)
	if err == nil {
		return c, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	p, err := a.practicePortal(ctx)
	if err != nil {
		return c, err
	}
	now := time.Now()
	c = store.Connection{ID: "practice", Name: PracticeName, Kind: KindPractice, PortalID: p.portal.PortalID(), PortalName: PracticeName, AccountType: "PRACTICE", Created: now, Checked: now}
	err = a.Store.SaveConnection(ctx, c)
	a.logConnection("connect", c, err)
	return c, err
}
