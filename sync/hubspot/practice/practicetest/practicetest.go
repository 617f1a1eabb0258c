// Package practicetest gives tests their practice portals, so that every suite
// that talks to one can be run under each behaviour of HubSpot that nobody can
// settle from outside, as make switches does:
//
//	SYNCLINE_SWITCHES=OrderedBatchResults,ConflictNames=2 go test ./app/...
package practicetest

import (
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// Variable names the environment variable with the switches to flip, separated
// by commas; one that has several other behaviours is given with the number of
// its choice.
const Variable = "SYNCLINE_SWITCHES"

// New makes a practice portal with the behaviours that the environment names
// beside those that a test asks for itself.
func New(t testing.TB, o practice.Options) *practice.Portal {
	t.Helper()
	o.Switches = Chosen(t, o.Switches)
	return practice.New(o)
}

// Unhurried is o with limits that no test of anything else comes to, so that nobody waits
// for the next ten seconds. Limits that a test names itself stay, and so do those of virtual
// time, where waiting costs nothing.
func Unhurried(o practice.Options) practice.Options {
	virtual := time.Now().Year() == 2000 // where the time of a synctest's bubble begins
	if o.Limits == (practice.Limits{}) && !virtual {
		o.Limits = practice.Limits{Burst: 100_000, Search: 10_000}
	}
	return o
}

// Chosen adds the behaviours that the environment names. One of several that a
// test has chosen itself is what it is about, and stays.
func Chosen(t testing.TB, s practice.Switches) practice.Switches {
	t.Helper()
	own := reflect.ValueOf(s)
	for name := range strings.FieldsFuncSeq(os.Getenv(Variable), func(r rune) bool { return r == ',' }) {
		bare, _, several := strings.Cut(name, "=")
		if f := own.FieldByName(bare); several && f.IsValid() && !f.IsZero() {
			continue
		}
		Flip(t, &s, name)
	}
	return s
}

// Ways are the settings of a switch, for a test that tells of each: both, or
// only on where the environment turns it on in every portal.
func Ways(t testing.TB, name string) []bool {
	t.Helper()
	if reflect.ValueOf(Chosen(t, practice.Switches{})).FieldByName(name).Bool() {
		return []bool{true}
	}
	return []bool{false, true}
}

// Flip chooses the other behaviour of one point.
func Flip(t testing.TB, s *practice.Switches, name string) {
	t.Helper()
	name, choice, chosen := strings.Cut(name, "=")
	f := reflect.ValueOf(s).Elem().FieldByName(name)
	n, err := strconv.Atoi(choice)
	switch {
	case f.IsValid() && f.Kind() == reflect.Bool && !chosen:
		f.SetBool(true)
	case f.IsValid() && f.Kind() == reflect.Int && chosen && err == nil:
		f.SetInt(int64(n))
	default:
		t.Fatalf("the practice portal has no switch %q", name)
	}
}
