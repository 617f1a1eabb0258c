package hubspot_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/record"
)

// setting is something that is made in a portal once, under a name.
type setting struct {
	path string // of the call that makes it
	make func(context.Context, *hubspot.Client) error
	// count is how many of it are there.
	count func(context.Context, *hubspot.Client) (int, error)
}

func counted[T any](all []T, err error, is func(T) bool) (int, error) {
	return len(slices.DeleteFunc(all, func(x T) bool { return !is(x) })), err
}

var settings = map[string]setting{
	"a property": {"/contacts", func(ctx context.Context, c *hubspot.Client) error {
		p, err := c.CreateProperty(ctx, "contacts", hubspot.NewProperty{Name: "shoe", Label: "Shoe", Type: record.TypeString, Unique: true})
		if err == nil && (p.Name != "shoe" || !p.Unique || p.Group == "") {
			err = errorOf(p)
		}
		return err
	}, func(ctx context.Context, c *hubspot.Client) (int, error) {
		all, err := c.Properties(ctx, "contacts")
		return counted(all, err, func(p record.Property) bool { return p.Label == "Shoe" })
	}},
	"a property group": {"/groups", func(ctx context.Context, c *hubspot.Client) error {
		return c.CreatePropertyGroup(ctx, "contacts", hubspot.PropertyGroup{Name: "feet", Label: "Feet"})
	}, func(ctx context.Context, c *hubspot.Client) (int, error) {
		all, err := c.PropertyGroups(ctx, "contacts")
		return counted(all, err, func(g hubspot.PropertyGroup) bool { return g.Label == "Feet" })
	}},
	"options": {"/industry_kind", func(ctx context.Context, c *hubspot.Client) error {
		return c.AddOptions(ctx, "companies", "industry_kind", []record.Option{{Value: "b", Label: "B"}, {Value: "c", Label: "C"}})
	}, func(ctx context.Context, c *hubspot.Client) (int, error) {
		p, err := c.Property(ctx, "companies", "industry_kind")
		n, _ := counted(p.Options, nil, func(o record.Option) bool { return o.Value == "c" })
		if len(p.Options) != 3 {
			n = -len(p.Options)
		}
		return n, err
	}},
	"a pipeline": {"/deals", func(ctx context.Context, c *hubspot.Client) error {
		p, err := c.CreatePipeline(ctx, "deals", hubspot.Pipeline{Label: "Repairs", Stages: []hubspot.Stage{
			{Label: "In", Metadata: map[string]string{"probability": "0.2"}}, {Label: "Out", Metadata: map[string]string{"probability": "1.0"}}}})
		if err == nil && (p.ID == "" || len(p.Stages) != 2 || p.Stages[0].ID == "") {
			err = errorOf(p)
		}
		return err
	}, func(ctx context.Context, c *hubspot.Client) (int, error) {
		all, err := c.Pipelines(ctx, "deals")
		return counted(all, err, func(p hubspot.Pipeline) bool { return p.Label == "Repairs" })
	}},
	"a stage": {"/stages", func(ctx context.Context, c *hubspot.Client) error {
		return c.CreateStage(ctx, "deals", "default", hubspot.Stage{Label: "Haggling", Metadata: map[string]string{"probability": "0.7"}})
	}, func(ctx context.Context, c *hubspot.Client) (int, error) {
		n := 0
		all, err := c.Pipelines(ctx, "deals")
		for _, p := range all {
			for _, s := range p.Stages {
				if s.Label == "Haggling" {
					n++
				}
			}
		}
		return n, err
	}},
	"a label": {"/labels", func(ctx context.Context, c *hubspot.Client) error {
		types, err := c.CreateAssociationLabel(ctx, "contacts", "companies", "Landlord")
		if n, _ := counted(types, nil, func(t hubspot.AssociationType) bool { return t.Label == "Landlord" }); err == nil && n != 1 {
			err = errorOf(types)
		}
		return err
	}, func(ctx context.Context, c *hubspot.Client) (int, error) {
		all, err := c.AssociationLabels(ctx, "contacts", "companies")
		return counted(all, err, func(t hubspot.AssociationType) bool { return t.Label == "Landlord" })
	}},
	"an object type": {"/schemas", func(ctx context.Context, c *hubspot.Client) error {
		t, err := c.CreateObjectType(ctx, hubspot.NewObjectType{Name: "boat", Singular: "Boat", Plural: "Boats", Primary: "boat_name",
			Properties: []hubspot.NewProperty{{Name: "boat_name", Label: "Name", Type: record.TypeString}}})
		if err == nil && (t.ID == "" || t.Label != "Boats") {
			err = errorOf(t)
		}
		return err
	}, func(ctx context.Context, c *hubspot.Client) (int, error) {
		all, err := c.CustomObjectTypes(ctx)
		return counted(all, err, func(t hubspot.ObjectType) bool { return t.Label == "Boats" })
	}},
}

type unexpected struct{ what any }

func (u unexpected) Error() string { return "the answer is not what was made" }

func errorOf(what any) error { return unexpected{what} }

// A setting whose answer is lost is made all the same, once: what is there tells.
func TestASettingWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	t.Parallel()
	faults := map[string]practice.Fault{
		"an error before it":         {Kind: practice.ServerError},
		"an error after it":          {Kind: practice.ServerErrorAfter, Status: 503},
		"the line breaks before it":  {Kind: practice.Reset},
		"the line breaks after it":   {Kind: practice.ResetAfter},
		"an answer that is cut off":  {Kind: practice.Truncated},
		"a page of a proxy after it": {Kind: practice.HTMLAfter, Status: 524},
		"no answer, not made":        {Kind: practice.Hang},
		"no answer, made":            {Kind: practice.HangAfter},
		"made much later":            {Kind: practice.Zombie, Delay: 20 * time.Second},
		"twice an error before it":   {Kind: practice.ServerError, Times: 2},
		"twice an error after it":    {Kind: practice.ServerErrorAfter, Times: 2},
	}
	for name, s := range settings {
		for fault, f := range faults {
			for lag, delay := range map[string]practice.Delay{"at once": nil, "later": practice.Fixed(900 * time.Millisecond)} {
				t.Run(name+", "+fault+", shown "+lag, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						p, c := practise(t, practice.Options{Latency: practice.Fixed(100 * time.Millisecond), DefinitionLag: delay})
						if err := p.CreateProperty("companies", practice.Property{Name: "industry_kind", Label: "Kind", Type: "enumeration", FieldType: "select", Options: []string{"a"}}); err != nil {
							t.Fatal(err)
						}
						time.Sleep(time.Minute)
						bad := f
						bad.Writes, bad.Path = true, s.path
						p.SetFaults(practice.Faults{Script: []practice.Fault{bad}})
						if err := s.make(t.Context(), c); err != nil {
							t.Errorf("it was not made: %v (%+v)", err, err)
						}
						p.SetFaults(practice.Faults{})
						time.Sleep(time.Minute) // what comes late comes
						if n, err := s.count(t.Context(), c); n != 1 || err != nil {
							t.Errorf("%d are there, %v", n, err)
						}
					})
				})
			}
		}
	}
}

// A pipeline is made once, however late the lost request takes effect, also where HubSpot lets two have
// the same label; one that was there is nobody's of ours.
func TestAPipelineIsMadeOnceThoughLabelsMayRepeat(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]practice.Fault{
		"made much later":          {Kind: practice.Zombie, Delay: 90 * time.Second},
		"an error after it":        {Kind: practice.ServerErrorAfter, Status: 503},
		"twice an error before it": {Kind: practice.ServerError, Times: 2},
		"none":                     {Kind: practice.Undisturbed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, c := practise(t, practice.Options{Switches: practice.Switches{PipelinesShareLabels: true}})
				fault.Writes, fault.Path = true, "/deals"
				p.SetFaults(practice.Faults{Script: []practice.Fault{fault}})
				s := settings["a pipeline"]
				if err := s.make(t.Context(), c); err != nil {
					t.Error(err)
				}
				p.SetFaults(practice.Faults{})
				time.Sleep(3 * time.Minute) // what comes late comes
				if err := s.make(t.Context(), c); !hubspot.IsConflict(err) {
					t.Errorf("made once more: %v", err)
				}
				if n, err := s.count(t.Context(), c); n != 1 || err != nil {
					t.Errorf("%d are there, %v", n, err)
				}
			})
		})
	}
}

// What has the name already and is something else is not taken for what was to
// be made, also where an answer was lost.
func TestASettingThatWasThereIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	for fault, script := range map[string][]practice.Fault{"no fault": nil, "an answer lost": {{Kind: practice.ResetAfter, Writes: true}}} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, c := practise(t, practice.Options{})
				if err := p.CreateProperty("contacts", practice.Property{Name: "shoe", Label: "Shoe", Type: "string", FieldType: "text"}); err != nil {
					t.Fatal(err)
				}
				p.SetFaults(practice.Faults{Script: script})
				_, err := c.CreateProperty(t.Context(), "contacts", hubspot.NewProperty{Name: "shoe", Label: "Shoe", Type: record.TypeString, Unique: true})
				if !hubspot.IsConflict(err) {
					t.Errorf("got %v", err)
				}
				p.SetFaults(practice.Faults{Script: script})
				_, err = c.CreatePipeline(t.Context(), "deals", hubspot.Pipeline{Label: "Sales Pipeline", Stages: []hubspot.Stage{{Label: "One", Metadata: map[string]string{"probability": "0.2"}}}})
				if !hubspot.IsConflict(err) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// A portal that never answers is given up, and it is said that nobody knows.
func TestASettingThatIsNeverAnsweredIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, s := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, c := practise(t, practice.Options{})
				if err := p.CreateProperty("companies", practice.Property{Name: "industry_kind", Label: "Kind", Type: "enumeration", FieldType: "select", Options: []string{"a"}}); err != nil {
					t.Fatal(err)
				}
				p.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ServerError, Writes: true, Times: -1}}})
				writes := p.Calls().Writes
				err := s.make(t.Context(), c)
				if !hubspot.Unknown(err) || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %v", err)
				}
				if n := p.Calls().Writes - writes; n < 2 || n > 5 {
					t.Errorf("it was sent %d times", n)
				}
				p.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Reset, Times: -1}}})
				if err := s.make(t.Context(), c); !hubspot.Unknown(err) || strings.Contains(err.Error(), "\n") {
					t.Errorf("nothing answers: %v", err)
				}
			})
		})
	}
}
