package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
	"syncline/sync/hubspot/practice/practicetest"
)

const questions = `
syncline: 1
name: Questions
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: form
  form: Contact us
  page: { uri: https://www.example.com/fair, name: Fair }
fields:
  - { field: Email, property: email }
  - { field: Role, property: hs_buying_role }
  - { field: Message, property: message }
`

const filledIn = "id,Email,Role,Message\n1,ada@example.com,END_USER,Hello\n2,bob@example.com,DECISION_MAKER;END_USER,A quote\n3,cy@example.com,,Bye\n"

func formStage(t testing.TB, o practice.Options, document, rows string) *stage {
	s := newStage(t, o, document, rows)
	for _, f := range content.Forms() {
		s.portal.AddForm(f)
	}
	return s
}

// submitted are the addresses of the form's submissions, with what else they hold.
func (s *stage) submitted() []string {
	var all []string
	for _, x := range s.portal.Submissions(content.Forms()[0].ID) {
		values := make(map[string]string)
		for _, v := range x.Values {
			values[v.Name] = v.Value
		}
		all = append(all, values["email"]+" "+values["hs_buying_role"]+" "+values["message"]+" "+x.PageURL)
	}
	slices.Sort(all)
	return all
}

// decideSent lets rows be sent again, or takes them as sent, that wait for that.
func (s *stage) decideSent(decide func(context.Context, *store.Store, []string)) (keys []string) {
	for _, a := range s.attention() {
		if a.Cause == engine.CauseMaySent {
			keys = append(keys, a.RowKey)
		}
	}
	if len(keys) > 0 {
		s.store(func(ctx context.Context, db *store.Store) { decide(ctx, db, keys) })
	}
	return keys
}

func (s *stage) sendAgain() []string {
	return s.decideSent(func(ctx context.Context, db *store.Store, keys []string) {
		if err := db.DeliverAgain(ctx, 1, keys); err != nil {
			s.t.Fatal(err)
		}
	})
}

func TestEachRowBecomesOneSubmission(t *testing.T) {
	t.Parallel()
	s := formStage(t, practice.Options{}, questions, filledIn)
	res := s.run()
	if res.Counts.Created != 3 || !strings.Contains(strings.Join(res.Notes, " "), "can't be taken back") {
		t.Errorf("it came to %+v and says %q", res.Counts, res.Notes)
	}
	want := []string{"ada@example.com END_USER Hello https://www.example.com/fair", "bob@example.com DECISION_MAKER;END_USER A quote https://www.example.com/fair", "cy@example.com  Bye https://www.example.com/fair"}
	if got := s.submitted(); !slices.Equal(got, want) {
		t.Errorf("the submissions are %q", got)
	}
	writes := s.portal.Calls().Writes
	if res := s.run(); res.Counts.Unchanged != 3 || s.portal.Calls().Writes != writes {
		t.Errorf("a second run came to %+v", res.Counts)
	}
	s.replace("Hello", "Hello again")
	if res := s.run(); res.Counts.Skipped != 1 || len(s.submitted()) != 3 {
		t.Errorf("a changed row came to %+v", res.Counts)
	}
}

func TestAFormThatCannotBeFilledInIsToldBefore(t *testing.T) {
	t.Parallel()
	for want, change := range map[string][2]string{
		`no form "Contact uz". Did you mean "Contact us"?`:    {"form: Contact us", "form: Contact uz"},
		`the form has no field "mesage". Did you mean`:        {"property: message", "property: mesage"},
		`takes no submission without message`:                 {"  - { field: Message, property: message }\n", ""},
		`"Newsletter sign-up" asks its visitors for their`:    {"form: Contact us", "form: Newsletter sign-up"},
		`asks for no consent. Take it out`:                    {"  page:", "  consent: { text: I agree }\n  page:"},
		`the source has no column "Mesage". Did you mean`:     {"field: Message", "field: Mesage"},
		`this portal has no form "2b7e90d4-51c6-4f3b-a8d2-e4`: {"form: Contact us", "form: 2b7e90d4-51c6-4f3b-a8d2-e46f1a09c735"}, // archived
	} {
		s := formStage(t, practice.Options{}, strings.Replace(questions, change[0], change[1], 1), filledIn)
		var problems []definition.Problem
		if _, err := s.with(func(ctx context.Context, e *engine.Engine) (_ engine.Result, err error) {
			problems, err = e.Check(ctx)
			return engine.Result{}, err
		}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%q is not among %v", want, problems)
		}
	}
}

func TestWhatTheFormWouldNotTakeIsNotSubmitted(t *testing.T) {
	t.Parallel()
	s := formStage(t, practice.Options{}, questions, "id,Email,Role,Message\n1,ada@example,END_USER,Hello\n2,bob@example.com,BOSS,A quote\n3,cy@example.com,,\n4,dee@mailinator.com,,Blocked\n5,eve@example.com,,Fine\n")
	res := s.run()
	fates := s.fates(res.PlanID)
	for key, want := range map[string]string{"1": "no e-mail address", "2": "BOSS", "3": "needs a value of Message", "4": "blocked"} {
		if !strings.Contains(fates[key], want) {
			t.Errorf("row %s: %s", key, fates[key])
		}
	}
	if res.Counts.Created != 1 || res.Counts.Failed != 4 || len(s.submitted()) != 1 {
		t.Errorf("it came to %+v", res.Counts)
	}
}

// Only who agreed is signed up.
func TestOnlyRowsOfPeopleWhoAgreedAreSubmitted(t *testing.T) {
	t.Parallel()
	s := formStage(t, practice.Options{}, `
syncline: 1
name: Newsletter
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: form
  form: Newsletter sign-up
  consent:
    field: Agreed
    text: I agree to be sent the newsletter.
    subscriptions: { 999: Monthly newsletter }
fields:
  - { field: Email, property: email }
`, "id,Email,Agreed\n1,ada@example.com,yes\n2,bob@example.com,no\n3,cy@example.com,\n")
	res := s.run()
	if res.Counts.Created != 1 || res.Counts.Skipped != 2 || !strings.Contains(s.fates(res.PlanID)["2"], "does not say that the person agreed") {
		t.Errorf("it came to %+v: %v", res.Counts, s.fates(res.PlanID))
	}
	if n := len(s.portal.Submissions(content.Forms()[1].ID)); n != 1 {
		t.Errorf("there are %d submissions", n)
	}
}

// A submission whose answer is lost is looked for; what does not show waits for a
// person. None is there twice.
func TestALostAnswerDoublesNoSubmission(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for _, ignored := range practicetest.Ways(t, "SubmittedTimeIgnored") {
		for kind, lands := range map[practice.FaultKind]bool{practice.ServerError: false, practice.Reset: false, practice.HTML: false,
			practice.ServerErrorAfter: true, practice.ResetAfter: true, practice.Truncated: true, practice.HTMLAfter: true} {
			t.Run(fmt.Sprint(ignored, kind), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					// Without a way of some length, HubSpot's time of a submission may be the very one that we sent.
					o := practice.Options{Latency: practice.Fixed(80 * time.Millisecond), Switches: practice.Switches{SubmittedTimeIgnored: ignored},
						Faults: practice.Faults{Script: []practice.Fault{{Kind: kind, Path: "/submit/", Skip: 1}}}}
					s := formStage(t, o, questions, filledIn)
					res := s.run()
					waits := 1
					if lands && !ignored || kind == practice.Truncated { // a 200 says enough
						waits = 0
					}
					if res.Counts.Created != 3-waits || res.Counts.Failed != waits {
						t.Fatalf("it came to %+v", res.Counts)
					}
					s.run() // nothing is sent again by itself
					if n, want := len(s.submitted()), map[bool]int{true: 3, false: 2}[lands]; n != want {
						t.Errorf("there are %d submissions, want %d", n, want)
					}
					if lands {
						s.decideSent(func(ctx context.Context, db *store.Store, keys []string) {
							if n, err := db.TakeAsSent(ctx, 1, keys); err != nil || n != 1 {
								t.Errorf("%d rows were taken as sent, %v", n, err)
							}
						})
					} else if n := len(s.sendAgain()); n != 1 {
						t.Errorf("%d rows wait", n)
					}
					s.run()
					if got := s.submitted(); len(got) != 3 {
						t.Errorf("in the end there are %q", got)
					}
					s.wantNothingToDo(3)
				})
			})
		}
	}
}

// One that takes effect long after its caller gave up is found by the next run.
func TestASubmissionThatArrivesLateIsFoundLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := formStage(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: practice.Zombie, Path: "/submit/", Delay: time.Minute}}}}, questions, filledIn)
		if res := s.run(); res.Counts.Failed != 1 {
			t.Fatalf("it came to %+v", res.Counts)
		}
		time.Sleep(2 * time.Minute)
		if res := s.run(); res.Counts.Unchanged != 3 || len(s.submitted()) != 3 || len(s.attention()) != 0 {
			t.Errorf("a later run came to %+v, %d rows need attention", res.Counts, len(s.attention()))
		}
	})
}

// Wherever a run dies: what was sent is there once, what may have been sent waits, and
// once a person let that be sent, all are there.
func TestARunThatSubmitsAndDiesAnywhereDoublesNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	for n := 1; ; n++ {
		s := formStage(t, practice.Options{}, questions, filledIn)
		later := time.Duration(0)
		s.now = func() time.Time { return time.Now().Add(later) }
		point, stopped := s.stopAt(n)
		if !stopped {
			if n < 8 {
				t.Errorf("the run has only %d points", n)
			}
			return
		}
		later = time.Minute // so that nothing that was sent could show later
		s.run()
		waits := len(s.sendAgain())
		if got := len(s.submitted()); got+waits != 3 {
			t.Errorf("after %d (%s): %d were submitted and %d wait", n, point, got, waits)
		}
		s.run()
		if got := slices.Compact(s.submitted()); len(got) != 3 || len(s.submitted()) != 3 {
			t.Errorf("after %d (%s): in the end there are %q", n, point, s.submitted())
		}
		s.wantNothingToDo(3)
	}
}

// A workspace that was put back from a copy does not know what was sent since.
func TestAnOlderWorkspaceSubmitsNothingAgain(t *testing.T) {
	t.Parallel()
	first, _, _ := strings.Cut(filledIn, "2,")
	s := formStage(t, practice.Options{}, questions, first)
	s.generations = &outside{}
	s.run()
	restore := s.backup()
	s.write(s.file, filledIn)
	s.run()
	restore()
	for range 2 {
		if res := s.run(); res.Counts.Created != 0 || res.Counts.Failed != 2 || len(s.submitted()) != 3 {
			t.Errorf("it came to %+v, and %d were submitted", res.Counts, len(s.submitted()))
		}
	}
}
