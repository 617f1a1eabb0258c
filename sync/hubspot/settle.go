package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"syncline/sync/record"
)

// How a setting is settled whose answer was lost: how often it is sent, and for
// how long it is looked for each time. HubSpot shows a new definition within a
// second or so (facts §6.4).
const (
	settleSends = 4
	settleLooks = 8
	settlePause = 250 * time.Millisecond

	// How long a request without an answer may still take effect, and how often it is looked then for
	// what has no name of its own.
	landsLater   = 2 * time.Minute
	patientPause = 5 * time.Second
)

// settle makes a setting of a portal: a property, a group, a label. Where the
// answer is lost nobody knows whether it was made, but a setting has a name, so
// that what is there tells, and what is not there can be made again. there looks
// for exactly what is to be made.
//
// What is refused because its name is taken is looked for only where an earlier
// attempt may have made it: else it is somebody's, and the caller's to judge.
func (c *Client) settle(ctx context.Context, send func() error, there func() (bool, error)) error {
	return c.settleWithin(ctx, 0, send, there)
}

// settleWithin is settle of what may be made twice under one name: it is sent again only when the
// request before can't take effect any more.
func (c *Client) settleWithin(ctx context.Context, lands time.Duration, send func() error, there func() (bool, error)) error {
	for sent := 1; ; sent++ {
		err := send()
		if err == nil || !Unknown(err) && (sent == 1 || !IsConflict(err)) {
			return err
		}
		found, looked := c.shown(ctx, lands, there)
		switch {
		case looked != nil:
			return fmt.Errorf("%w; whether it was made is not known, because %w", err, looked)
		case found:
			return nil
		case sent == settleSends || IsConflict(err) || sleep(ctx, c.backoff(sent)) != nil:
			return err
		}
	}
}

// shown looks for something that may have been made a moment ago, or may be made until then.
func (c *Client) shown(ctx context.Context, lands time.Duration, there func() (bool, error)) (bool, error) {
	waited := time.Duration(0)
	for looks := 1; ; looks++ {
		found, err := there()
		if found || err != nil || looks >= settleLooks && waited >= lands {
			return found, err
		}
		pause := settlePause
		if looks >= settleLooks {
			pause = patientPause
		}
		if err := sleep(ctx, pause); err != nil {
			return false, err
		}
		waited += pause
	}
}

// EnsureProperty makes a property where the portal has none of its name, and
// returns the one that is there. One of the name that is of another type, or does
// not keep its values unique where that is asked for, is an error that [Refused].
func (c *Client) EnsureProperty(ctx context.Context, objectType string, p NewProperty) (record.Property, error) {
	now, err := c.CreateProperty(ctx, objectType, p)
	if !IsConflict(err) {
		return now, err
	}
	found, looked := c.shown(ctx, 0, func() (bool, error) {
		var err error
		now, err = c.Property(ctx, objectType, p.Name)
		if IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	})
	switch {
	case looked != nil:
		return now, looked
	case !found:
		return now, err
	case now.Type != p.Type || p.Unique && !now.Unique:
		return now, &takenError{is: now, wanted: p}
	}
	return now, nil
}

// takenError says that a portal has a property of a name, and that it is another
// one than is needed.
type takenError struct {
	is     record.Property
	wanted NewProperty
}

func (e *takenError) Error() string {
	how := fmt.Sprintf("is of type %s and not %s", e.is.Type, e.wanted.Type)
	if e.is.Type == e.wanted.Type {
		how = "does not keep its values unique"
	}
	return fmt.Sprintf("the portal has a property %s already, which %s: archive it in HubSpot, so that the right one can be made", e.is.Name, how)
}

// Refused reports that a portal does not take what was asked, and will not when
// it is asked again: neither a passing error, nor one of the sign-in or of a limit.
func Refused(err error) bool {
	var taken *takenError
	if errors.As(err, &taken) {
		return true
	}
	var e *Error
	if !errors.As(err, &e) || e.Unreadable {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusLocked, http.StatusTooManyRequests, statusMigrating:
		return false
	}
	return e.Status >= 400 && e.Status < 500
}

// sameProperty tells whether a portal's property is the one that was to be made.
func sameProperty(is record.Property, n NewProperty) bool {
	return is.Name == n.Name && is.Type == n.Type && is.Label == n.Label && is.Unique == n.Unique && hasOptions(is, n.Options)
}

func hasOptions(p record.Property, options []record.Option) bool {
	for _, o := range options {
		if !slices.ContainsFunc(p.Options, func(x record.Option) bool { return x.Value == o.Value }) {
			return false
		}
	}
	return true
}

// samePipeline tells whether a pipeline is the one that was to be made: its ids are
// HubSpot's, its labels ours. One of the label that was there before is none of ours.
func samePipeline(is, n Pipeline) bool {
	return is.Label == n.Label && slices.EqualFunc(is.Stages, n.Stages, func(a, b Stage) bool { return a.Label == b.Label })
}

// sameType tells whether a portal's object type is the one that was to be made.
func sameType(is ObjectType, n NewObjectType) bool {
	return strings.EqualFold(is.Singular, n.Name) && is.Label == n.Plural && is.LabelSingular == n.Singular
}
