package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// Lack is something that a definition uses and the portal that it is promoted to
// does not have.
type Lack struct {
	Kind string // property, options, group, pipeline, stage, owner, label, object type
	Name string
	What string // a sentence
	// Makes says that it can be made there on approval; without, a person has to.
	Makes bool
	// Blocks says that the sync can't work without it.
	Blocks bool
	// Left says that a person chose to leave it as it is.
	Left bool
	make func(context.Context) error
}

// Promotion is a definition on its way from one portal to another.
type Promotion struct {
	From, To   Portal
	Definition *definition.Definition // as it reads for the other portal, once Finish was called
	Path       string                 // where it will be written
	Lacks      []Lack
	Notes      []string

	original *definition.Definition
	fromSide *promoted
	toSide   *promoted
}

// promoted is what one of the two portals has.
type promoted struct {
	client     *hubspot.Client
	object     hubspot.ObjectType
	properties map[string]record.Property
	groups     []hubspot.PropertyGroup
	pipelines  []hubspot.Pipeline
	owners     []hubspot.Owner
}

// NewPromotion compares what the definition at path uses in its own portal with
// what the portal of another connection has. Nothing is written anywhere. out is
// where the promoted document goes; "" is beside the original. from overrides the
// definition's own connection.
func (a *App) NewPromotion(ctx context.Context, path, from, to, out string) (*Promotion, error) {
	d, err := definition.Load(path)
	if err != nil {
		return nil, err
	}
	p := &Promotion{original: d}
	if d.Associate != nil {
		return nil, &UseError{Msg: "rows that are associations are promoted with their set: change hubspot.portal in a copy of the document"}
	}
	if d.Deliver != nil {
		return nil, &UseError{Msg: "a sync that sends rows to a " + string(d.Deliver.To) + " uses nothing that would be translated: change hubspot.portal in a copy of the document, and what it is sent to"}
	}
	if p.From, err = a.Portal(ctx, cmp.Or(from, d.HubSpot.Portal)); err != nil {
		return nil, err
	}
	if p.To, err = a.byConnection(ctx, to, "the portal %q is not connected: connect it first"); err != nil {
		return nil, err
	}
	here, err := p.From.Client.Account(ctx)
	if err != nil {
		return nil, err
	}
	there, err := p.To.Client.Account(ctx)
	if err != nil {
		return nil, err
	}
	if here.PortalID == there.PortalID {
		return nil, &UseError{Msg: fmt.Sprintf("%q is the portal %d that the sync is of already", p.To.Name, there.PortalID)}
	}
	if p.Path = out; out == "" {
		p.Path = promotedPath(path, p.To.Name)
	}
	if _, err := os.Lstat(p.Path); err == nil {
		return nil, &UseError{Msg: fmt.Sprintf("%s exists already and is not written over: name another file with --out", p.Path)}
	}
	err = p.compare(ctx)
	return p, err
}

var notInNames = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// promotedPath is the path of a promoted document beside the original.
func promotedPath(path, portal string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "." + strings.Trim(strings.ToLower(notInNames.ReplaceAllString(portal, "-")), "-") + ext
}

// read reads what a portal has of an object.
func (p *Promotion) read(ctx context.Context, portal Portal, object string) (*promoted, error) {
	s := &promoted{client: portal.Client, properties: make(map[string]record.Property)}
	var err error
	if s.object, err = portal.Client.ObjectType(ctx, object); err != nil {
		return nil, err
	}
	all, err := portal.Client.Properties(ctx, s.object.Path())
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		s.properties[x.Name] = x
	}
	if s.groups, err = portal.Client.PropertyGroups(ctx, s.object.Path()); err != nil {
		return nil, err
	}
	if p.usesPipelines(s.object) {
		if s.pipelines, err = portal.Client.Pipelines(ctx, s.object.Path()); err != nil {
			return nil, err
		}
	}
	if p.usesOwners(s) {
		if s.owners, err = portal.Client.Owners(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// properties are those that the definition uses of its object, sorted.
func (p *Promotion) properties() []string {
	d := p.original
	var all []string
	for _, f := range d.Fields {
		all = append(all, f.Property)
	}
	for _, m := range d.HubSpot.Match {
		all = append(all, m.Property)
	}
	for _, g := range d.HubSpot.Filter {
		for _, f := range g {
			all = append(all, f.Property)
		}
	}
	if f := d.Delete.FlagRecord; f != nil {
		all = append(all, f.Property)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p *Promotion) usesPipelines(t hubspot.ObjectType) bool {
	return t.Lifecycle == "" && slices.ContainsFunc(p.properties(), func(name string) bool { return name != "" && (name == t.Pipeline || name == t.Stage) })
}

func (p *Promotion) usesOwners(s *promoted) bool {
	return slices.ContainsFunc(p.properties(), func(name string) bool { return strings.EqualFold(s.properties[name].Reference, "OWNER") })
}

// compare finds what is missing in the other portal.
func (p *Promotion) compare(ctx context.Context) error {
	var err error
	if p.fromSide, err = p.read(ctx, p.From, p.original.HubSpot.Object); err != nil {
		return err
	}
	name := p.original.HubSpot.Object
	if p.fromSide.object.Custom() {
		name = p.fromSide.object.Name // its id is another one there
	}
	p.toSide, err = p.read(ctx, p.To, name)
	var none *hubspot.NoTypeError
	if errors.As(err, &none) {
		p.Lacks = []Lack{{Kind: "object type", Name: name, Blocks: true, What: fmt.Sprintf("%q has no object type %q: make it there first, with the same name", p.To.Name, name)}}
		return nil
	}
	if err != nil {
		return err
	}
	groups := make(map[string]bool)
	for _, name := range p.properties() {
		p.compareProperty(name, groups)
	}
	p.comparePipelines()
	p.compareOwners()
	if err := p.compareFilterList(ctx); err != nil {
		return err
	}
	return p.compareAssociations(ctx)
}

// compareProperty finds out whether a property is there, with its options.
func (p *Promotion) compareProperty(name string, groups map[string]bool) {
	from, ok := p.fromSide.properties[name]
	if !ok {
		return // the definition's own check names it
	}
	to, there := p.toSide.properties[name]
	path, client := p.toSide.object.Path(), p.toSide.client
	switch {
	case !there && byHandOnly(from) != "":
		p.Lacks = append(p.Lacks, Lack{Kind: "property", Name: name, Blocks: true, What: fmt.Sprintf("the property %q is missing, and %s: make it in HubSpot first, with the same name", name, byHandOnly(from))})
		return
	case !there && from.Defined:
		p.Lacks = append(p.Lacks, Lack{Kind: "property", Name: name, Blocks: true, What: fmt.Sprintf("the property %q is HubSpot's own, and %q does not show it: its account may lack the product", name, p.To.Name)})
		return
	case !there:
		p.needGroup(from.Group, groups)
		n := hubspot.NewProperty{Name: name, Label: cmp.Or(from.Label, name), Description: from.Description, Group: from.Group, Type: from.Type, FieldType: from.FieldType,
			Options: from.Options, Unique: from.Unique, Hidden: from.Hidden}
		p.Lacks = append(p.Lacks, Lack{Kind: "property", Name: name, Makes: true, Blocks: true, What: fmt.Sprintf("the property %q (%s) is missing", name, describeType(from)),
			make: func(ctx context.Context) error {
				_, err := client.CreateProperty(ctx, path, n)
				return err
			}})
		return
	case to.Type != from.Type:
		p.Lacks = append(p.Lacks, Lack{Kind: "property", Name: name, Blocks: true, What: fmt.Sprintf("the property %q is of type %s there and of type %s here: a property of another name is needed", name, describeType(to), describeType(from))})
		return
	case from.Multi() != to.Multi():
		p.Lacks = append(p.Lacks, Lack{Kind: "property", Name: name, Blocks: true, What: fmt.Sprintf("the property %q is of type %s there and of type %s here: of the two, one holds several options and the other one", name, describeType(to), describeType(from))})
		return
	case from.Sensitive && !to.Sensitive:
		p.Notes = append(p.Notes, fmt.Sprintf("The property %q holds sensitive data here, and is an ordinary one in %q.", name, p.To.Name))
	}
	if from.Type != record.TypeEnumeration || from.External || to.External || from.Reference != "" || len(from.Options) == 0 {
		return
	}
	var missing []record.Option
	var names []string
	for _, o := range from.Options {
		if !slices.ContainsFunc(to.Options, func(x record.Option) bool { return x.Value == o.Value || x.Label == o.Label }) {
			missing, names = append(missing, o), append(names, o.Value)
		}
	}
	if len(missing) > 0 {
		p.Lacks = append(p.Lacks, Lack{Kind: "options", Name: name, Makes: true, What: fmt.Sprintf("the property %q has no %s %s", name, plural(len(names), "option", "options"), strings.Join(names, ", ")),
			make: func(ctx context.Context) error { return client.AddOptions(ctx, path, name, missing) }})
	}
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

func describeType(x record.Property) string {
	if x.FieldType == "" {
		return string(x.Type)
	}
	return string(x.Type) + ", " + x.FieldType
}

// needGroup makes the heading of a new property, once.
func (p *Promotion) needGroup(name string, asked map[string]bool) {
	has := func(all []hubspot.PropertyGroup) int {
		return slices.IndexFunc(all, func(g hubspot.PropertyGroup) bool { return g.Name == name })
	}
	at := has(p.fromSide.groups)
	if asked[name] || has(p.toSide.groups) >= 0 || at < 0 {
		return
	}
	asked[name] = true
	g, path, client := p.fromSide.groups[at], p.toSide.object.Path(), p.toSide.client
	p.Lacks = append(p.Lacks, Lack{Kind: "group", Name: name, Makes: true, Blocks: true, What: fmt.Sprintf("the property group “%s” is missing", g.Label),
		make: func(ctx context.Context) error { return client.CreatePropertyGroup(ctx, path, g) }})
}

// comparePipelines finds pipelines and stages by their labels.
func (p *Promotion) comparePipelines() {
	path, client := p.toSide.object.Path(), p.toSide.client
	for _, from := range p.fromSide.pipelines {
		at := slices.IndexFunc(p.toSide.pipelines, func(x hubspot.Pipeline) bool { return sameLabel(x.Label, from.Label) })
		if at < 0 {
			p.Lacks = append(p.Lacks, Lack{Kind: "pipeline", Name: from.Label, Makes: true, Blocks: p.names(from.ID), What: fmt.Sprintf("the pipeline “%s” with %s is missing", from.Label, amount(len(from.Stages), "stage", "stages")),
				make: func(ctx context.Context) error {
					_, err := client.CreatePipeline(ctx, path, from)
					return err
				}})
			continue
		}
		to := p.toSide.pipelines[at]
		for _, st := range from.Stages {
			if slices.ContainsFunc(to.Stages, func(x hubspot.Stage) bool { return sameLabel(x.Label, st.Label) }) {
				continue
			}
			p.Lacks = append(p.Lacks, Lack{Kind: "stage", Name: from.Label + ", " + st.Label, Makes: true, Blocks: p.names(st.ID), What: fmt.Sprintf("the pipeline “%s” has no stage “%s”", from.Label, st.Label),
				make: func(ctx context.Context) error { return client.CreateStage(ctx, path, to.ID, st) }})
		}
	}
}

func sameLabel(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// names reports whether the definition itself names an id or value.
func (p *Promotion) names(id string) bool {
	found := false
	eachValue(p.original, func(_ string, v string) string {
		found = found || v == id
		return v
	})
	return found
}

// compareOwners finds the owners by their address.
func (p *Promotion) compareOwners() {
	unnamed := 0
	for _, from := range p.fromSide.owners {
		if from.Archived || slices.ContainsFunc(p.toSide.owners, func(x hubspot.Owner) bool { return !x.Archived && strings.EqualFold(x.Email, from.Email) }) {
			continue
		}
		if !p.names(from.ID) {
			unnamed++
			continue
		}
		p.Lacks = append(p.Lacks, Lack{Kind: "owner", Name: from.Email, Blocks: true, What: fmt.Sprintf("%s, whom the definition names, is no user of %q: invite them there", from.Email, p.To.Name)})
	}
	if unnamed > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s of %q %s no user of %q: rows that name them fail until they are invited.", amount(unnamed, "owner", "owners"), p.From.Name, plural(unnamed, "is", "are"), p.To.Name))
	}
}

// Blocked reports whether something is missing that only a person can bring.
func (p *Promotion) Blocked() bool {
	return slices.ContainsFunc(p.Lacks, func(l Lack) bool { return l.Blocks && !l.Makes })
}

// Missing reports whether something is to be made there on approval.
func (p *Promotion) Missing() bool {
	return slices.ContainsFunc(p.Lacks, func(l Lack) bool { return l.Makes && !l.Left })
}

// Leave chooses whether what is missing is left as it is instead of made. What the
// sync can't work without is not left.
func (p *Promotion) Leave(i int, left bool) error {
	switch l := &p.Lacks[i]; {
	case !l.Makes:
		return &UseError{Msg: l.What + ": it can't be made from here"}
	case left && l.Blocks:
		return &UseError{Msg: l.What + ": the sync can't work without it"}
	default:
		l.Left = left
		return nil
	}
}

// Make makes what is missing in the other portal, one after the other. What
// somebody made meanwhile is no error: Finish tells whether it is what the sync needs. It changes
// nothing that is there.
func (p *Promotion) Make(ctx context.Context) error {
	for _, l := range p.Lacks {
		if l.make == nil || l.Left {
			continue
		}
		if err := l.make(ctx); err != nil && !hubspot.IsConflict(err) {
			return fmt.Errorf("%s, and %q does not let it be made: %w", l.What, p.To.Name, err)
		}
	}
	return nil
}

// Finish translates the definition by what the other portal has now, and writes
// it. The original stays as it is, and so does a file that is there.
func (p *Promotion) Finish(ctx context.Context) error {
	if err := p.lookAgain(ctx); err != nil {
		return err
	}
	d, err := p.translated()
	if err != nil {
		return err
	}
	text, err := d.YAML()
	if err != nil {
		return err
	}
	p.Definition, err = definition.Parse(text, p.Path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(p.Path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // a definition holds no secret
	if errors.Is(err, fs.ErrExist) {
		return &UseError{Msg: fmt.Sprintf("%s exists already and is not written over: name another file with --out", p.Path)}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
