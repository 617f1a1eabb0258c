package engine_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// keeps is HubSpot where it takes a value without an error and keeps its own.
type keeps struct {
	http.RoundTripper
	sent, own string
}

func (k keeps) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/batch/update") {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		b = bytes.ReplaceAll(b, []byte(k.sent), []byte(k.own))
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	}
	return k.RoundTripper.RoundTrip(r)
}

// runKeeping runs while HubSpot keeps its own value where it is sent another one.
func (s *stage) runKeeping(sent, own string) engine.Result {
	s.t.Helper()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(s.portal.Token()), Transport: keeps{s.portal.Transport(), `"` + sent + `"`, `"` + own + `"`}, Reserve: -1})
		if err != nil {
			s.t.Fatal(err)
		}
		e.Client = c
		return e.Run(ctx, "")
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return res
}

// waitsAsKept looks for the one conflict about a value that HubSpot kept.
func (s *stage) waitsAsKept(source, own string) {
	s.t.Helper()
	all := s.live()
	if len(all) != 1 || all[0].Cause != plan.CauseKept || all[0].State != plan.ConflictOpen || all[0].Source != source || all[0].HubSpot != own || !strings.Contains(all[0].Reason, "kept its own value") {
		s.t.Errorf("%+v", all)
	}
}

// A decision that HubSpot takes without an error and does not carry out is not carried
// out: it is asked again, as long as both sides differ.
func TestADecisionThatHubSpotDoesNotTakeIsAskedAgain(t *testing.T) {
	t.Parallel()
	s, id := decidedStage(t)
	if res := s.runKeeping("Ours", "Theirs"); res.Counts.Conflict != 1 || res.Counts.Updated != 0 {
		t.Errorf("%+v", res.Counts)
	}
	s.waitsAsKept("Ours", "Theirs")
	s.run()
	s.waitsAsKept("Ours", "Theirs")
	s.settle(plan.ChooseSource, "") // once more, and in vain
	s.runKeeping("Ours", "Theirs")
	s.waitsAsKept("Ours", "Theirs")
	s.settle(plan.ChooseSource, "")
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Ours" {
		t.Errorf("HubSpot has %q", p["firstname"])
	}
	s.wantNothingToDo(3)
}

// The other fields of the row flow, and nothing of the value that was typed for both
// sides comes to the source alone.
func TestWhatHubSpotDoesNotTakeDoesNotComeToTheSourceAlone(t *testing.T) {
	t.Parallel()
	s, id := decidedStage(t)
	s.decideAnew(plan.ChooseValue, "Both")
	s.replace("Last2", "Changed")
	if res := s.runKeeping("Both", "Theirs"); res.Counts.Conflict != 1 {
		t.Errorf("%+v", res.Counts)
	}
	s.waitsAsKept("Ours", "Theirs")
	if p, _ := s.portal.Record("contacts", id); p["lastname"] != "Changed" || !strings.Contains(s.contents(), ",Ours,Changed,") {
		t.Errorf("%v\n%s", p, s.contents())
	}
	s.settle(plan.ChooseHubSpot, "")
	s.run()
	if !strings.Contains(s.contents(), ",Theirs,Changed,") {
		t.Errorf("the file holds\n%s", s.contents())
	}
	s.wantNothingToDo(3)
}

// An edit of the source alone that HubSpot does not take waits too: it is not sent
// again and again, and not forgotten.
func TestAnEditThatHubSpotDoesNotTakeWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	s.replace("First2", "Ours")
	s.runKeeping("Ours", "First2")
	s.waitsAsKept("Ours", "First2")
	if res := s.run(); res.Counts.Updated != 0 || res.Counts.Conflict != 1 {
		t.Errorf("%+v", res.Counts)
	}
	s.replace("Ours", "First2")
	s.run()
	s.wantNothingToDo(3)
}
