package app

import (
	"context"

	"syncline/app/newversion"
)

// ReleasesURL is what is asked for newer versions where a person wants that; the
// linker sets it in packages whose publisher has such an address. Where it is
// empty nobody is asked and there is nothing to choose.
var ReleasesURL string

// NewVersion is what a person chose about being told of newer versions, and what
// is known.
type NewVersion = newversion.State

// Versions asks for newer versions, for what this process was given.
func Versions(env Environment) (newversion.Asker, error) {
	a := newversion.Asker{Address: ReleasesURL, Running: Version}
	if a.Address == "" {
		return a, nil
	}
	dir := env.Config
	if dir == "" {
		var err error
		if dir, err = configDir(); err != nil {
			return newversion.Asker{}, err
		}
	}
	a.Dir = dir
	return a, nil
}

// NewVersion asks for a newer version if the person wants that and the last time
// is a day ago, and returns what is known. It may take seconds; why nothing new
// could be learnt goes to the log.
func (a *App) NewVersion(ctx context.Context) (NewVersion, error) {
	v, err := Versions(a.Env)
	if err != nil {
		return NewVersion{}, err
	}
	s, err := v.Look(ctx)
	a.logFailure("asking for a newer version", err)
	return s, nil
}

// AskForVersions keeps whether the person wants to be told of newer versions.
func (a *App) AskForVersions(_ context.Context, wanted bool) error {
	v, err := Versions(a.Env)
	if err != nil {
		return err
	}
	return v.Choose(wanted)
}
