package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"syncline/sync/hubspot/practice"
)

// In the practice portal a person can be a colleague for a moment: edit, make, archive and
// associate records as somebody does in HubSpot while Syncline looks elsewhere. That is the only
// place where a person's edit comes from here; what a sync writes goes through the engine.

// Colleague is somebody who works in the practice portal.
type Colleague struct {
	User  int64
	Name  string
	Email string
}

// Colleagues are the people who work in the practice portal, by name.
func (a *App) Colleagues(ctx context.Context) ([]Colleague, error) {
	p, err := a.Practice(ctx)
	if err != nil {
		return nil, err
	}
	var all []Colleague
	for _, c := range p.Colleagues() {
		all = append(all, Colleague(c))
	}
	slices.SortFunc(all, func(x, y Colleague) int {
		if x.Name < y.Name {
			return -1
		}
		return 1
	})
	return all, nil
}

// Desk is a colleague's place in the practice portal. What is done at it shows in the records'
// history under the colleague's name.
type Desk struct {
	practice.Person
	Colleague Colleague
}

// errNotPractice says that records of a portal can't be edited here.
var errNotPractice = &UseError{Msg: "only the practice portal's records are edited here: open the record in HubSpot instead"}

// Desk is the place of a colleague at which the records are edited; an error in any portal but the
// practice portal.
func (r *Records) Desk(ctx context.Context, c Colleague) (Desk, error) {
	if !r.Practice() {
		return Desk{}, errNotPractice
	}
	p, err := r.app.Practice(ctx)
	if err != nil {
		return Desk{}, err
	}
	return Desk{p.As(c.User), c}, nil
}

// practiceBefore is where the practice portal is kept that was reset last.
const practiceBefore = PracticeFile + ".before-reset"

// ResetPractice begins the practice portal anew with the demo's records. What it was is kept beside
// it until the next time. Work under way with it has to end first, and none begins meanwhile; what is
// open on its records has to be opened again.
func (a *App) ResetPractice(ctx context.Context) error {
	release, err := a.jobs.hold("a run is under way: reset the practice portal when it has ended", "the practice portal is being reset: try again in a moment")
	if err != nil {
		return err
	}
	defer release()
	if _, err := a.Practice(ctx); err != nil {
		return err
	}
	return a.renewPractice()
}

// renewPractice moves the practice portal's file aside and begins another one. Nobody opens it
// meanwhile.
func (a *App) renewPractice() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.restPractice(); err != nil {
		return fmt.Errorf("the practice portal can't be brought to rest, so it stays as it is: %w", err)
	}
	path := filepath.Join(a.Store.Dir(), PracticeFile)
	if err := os.Rename(path, filepath.Join(a.Store.Dir(), practiceBefore)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the practice portal stays as it is, because its file can't be moved aside: %w", err)
	}
	_, err := a.openPractice()
	return err
}
