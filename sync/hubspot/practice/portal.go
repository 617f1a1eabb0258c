package practice

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// DefaultPortalID is the account id of a portal that was given none.
const DefaultPortalID = 50123456

// defaultAppID is the private app behind Token; it shows as sourceId in
// property history.
const defaultAppID = 2011410

// Options describe a portal. The zero Options give an empty, unlimited-latency
// portal with HubSpot's default properties, pipelines and limits.
type Options struct {
	Seed     uint64
	PortalID int64 // 0 = DefaultPortalID
	// Name, AccountType, TimeZone, Currency and UIDomain are what account-info tells;
	// "" = "Practice portal", STANDARD, US/Eastern, USD, app.hubspot.com.
	Name, AccountType, TimeZone, Currency, UIDomain string
	// Hublet is the data centre, "" = na1. With another one the plain host
	// api.hubapi.com answers 401, as it does for such tokens.
	Hublet string

	Now  func() time.Time // the portal's clock; nil = time.Now
	Skew time.Duration    // how much the portal's clock is ahead of Now, so of its callers' clock
	Demo bool             // fill with the demo content

	Switches Switches
	Limits   Limits
	Faults   Faults
	Rules    Rules

	Latency   Delay // of a whole exchange; nil = none. Half of it passes before the call takes effect.
	SearchLag Delay // until a write shows in search; nil = at once
	// DefinitionLag is how long a new property stays unknown to reads of
	// definitions, 250 to 700 ms as observed (facts 6.4); nil = not at all.
	// Values of it may be written at once.
	DefinitionLag Delay

	// Without lists object types whose product the account does not have, as
	// "leads" and "services"; "custom_objects" stands for those of the portal's own.
	Without []string

	// Events are the kinds of events that the account's app defines; nil = SampleEvents.
	Events []EventTemplate

	Tokens []Token  // besides the one of Portal.Token
	App    OAuthApp // the OAuth app that may be installed; a zero one gets defaults

	// Arrived, if set, is called when an API call has arrived and before it takes
	// effect, without any lock held: it may edit as a person. Concurrent calls
	// call it concurrently.
	Arrived func(Request)

	// Observe, if set, is called after each API call was answered and before
	// the answer travels back, without any lock held: it may edit as a person.
	// Concurrent calls call it concurrently.
	Observe func(Request)

	// Witness, if set, is told every change of every record in the order in
	// which they happen, with the portal's lock held: it must not use the portal.
	Witness func(Event)
}

// Rules are settings an administrator made in the portal. HubSpot enforces
// them on API versions from 2026-09 on (facts 3.5).
type Rules struct {
	// Required lists, by object type name, properties a new record needs.
	Required map[string][]string
	// Conditional rules need a property when another one has a value.
	Conditional []ConditionalRule
	// AssociationLimits narrow how many records one may be associated with, on all
	// versions.
	AssociationLimits []AssociationLimit
	// Validations are rules that values must keep.
	Validations []ValidationRule
}

// ConditionalRule needs Property to have a value while On has one of Values.
type ConditionalRule struct {
	ObjectType, Property, On string
	Values                   []string
}

// Portal is a HubSpot account. All methods are safe for concurrent use; none
// holds a lock while it waits.
type Portal struct {
	opt   Options
	now   func() time.Time
	zone  *time.Location
	token string

	mu         sync.Mutex
	rng        *rand.Rand
	pcg        *rand.PCG // behind rng
	names      symbols
	sources    []source
	kinds      []*kind
	kindBy     map[string]*kind
	assoc      *associationTypes
	owners     []*owner
	forms      forms
	lists      lists
	tokens     map[digest]*Token
	oauth      oauthState
	limiter    limiter
	faults     faultState
	pending    []job
	events     map[string]*TimelineEvent // by id
	formGate   formGate
	files      fileManager
	due        time.Time // the present while a job runs
	traffic    Calls
	requests   []Request
	imports    []*importRun
	exports    []*exportRun
	lastImport int64
	lastExport int64
	seq        uint64 // of states: grows with every change of any record
	lastCustom int64  // number of the last custom object type
	lastOwner  int64
	hush       bool   // the witness is told nothing
	hooks      *hooks // nil = nobody subscribed
	webhooks   webhookJournal

	// Of a portal that is kept in a file; else nil.
	changes *changes
	journal *journal
	lock    *flock.Flock
}

// job is something HubSpot does on its own a while after a call: it associates
// a contact with a company, a call takes effect late, or an import or export goes
// on.
type job struct {
	at      time.Time
	contact *object
	call    *call
	route   *route
	run     int64 // an import that goes on
	export  int64 // an export that is ready
}

func (p *Portal) act(j job) {
	switch {
	case j.contact != nil:
		p.associateCompany(j.contact)
		return
	case j.run != 0:
		p.advance(j.run)
		return
	case j.export != 0:
		p.endExport(j.export)
		return
	}
	_, _ = j.route.handle(p, j.call)
}

// New makes a portal that lives in memory only; Open makes one that is kept.
func New(o Options) *Portal {
	p := build(o)
	p.populate()
	return p
}

// build makes a portal as every account begins: without tokens and records.
func build(o Options) *Portal {
	p := &Portal{opt: o, now: o.Now}
	if p.now == nil {
		p.now = time.Now
	}
	if clock := p.now; o.Skew != 0 {
		p.now = func() time.Time { return clock().Add(o.Skew) }
	}
	p.opt.defaults()
	p.pcg = rand.NewPCG(o.Seed, 0x5e7c11e5)
	p.rng = rand.New(p.pcg)
	zone, err := time.LoadLocation(p.opt.TimeZone)
	if err != nil { // no zone database on this machine
		zone = time.FixedZone(p.opt.TimeZone, -5*3600)
	}
	p.zone = zone
	p.kindBy = make(map[string]*kind)
	p.tokens = make(map[digest]*Token)
	p.names.init()
	p.assoc = newAssociationTypes()
	p.installKinds()
	p.installOwners()
	p.token = fmt.Sprintf("pat-%s-%s", p.opt.Hublet, p.uuid4())
	p.oauth.init()
	p.limiter.set(p.opt.Limits)
	p.faults.set(p.opt.Faults)
	return p
}

// populate adds what the options ask for: tokens and demo content.
func (p *Portal) populate() {
	p.addToken(Token{Value: p.token, Kind: PrivateApp, AppID: defaultAppID})
	for _, t := range p.opt.Tokens {
		p.addToken(t)
	}
	if p.opt.Demo {
		p.installDemo()
	}
}

func (o *Options) defaults() {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	if o.PortalID == 0 {
		o.PortalID = DefaultPortalID
	}
	set(&o.Name, "Practice portal")
	set(&o.AccountType, "STANDARD")
	set(&o.TimeZone, "US/Eastern")
	set(&o.Currency, "USD")
	set(&o.Hublet, "na1")
	ui := "app.hubspot.com"
	if !plainHublet(o.Hublet) {
		ui = "app-" + o.Hublet + ".hubspot.com"
	}
	set(&o.UIDomain, ui)
	if o.Switches.URLLimit == 0 {
		o.Switches.URLLimit = 8192
	}
	if o.Events == nil {
		o.Events = SampleEvents()
	}
	o.App.defaults()
}

// Token returns a private-app token with every scope.
func (p *Portal) Token() string { return p.token }

// PortalID returns the account id.
func (p *Portal) PortalID() int64 { return p.opt.PortalID }

// millis is the present on the portal's clock in epoch milliseconds, which is
// HubSpot's resolution.
func (p *Portal) millis() int64 { return p.present().UnixMilli() }

// present is the portal's time: the clock's, or that of the job under way.
func (p *Portal) present() time.Time {
	if !p.due.IsZero() {
		return p.due
	}
	return p.now()
}

// settle does what HubSpot has meanwhile done on its own. Called with the
// lock held, at the start of everything that looks at records.
func (p *Portal) settle() {
	now := p.now()
	for len(p.pending) > 0 {
		first := 0
		for i, j := range p.pending {
			if j.at.Before(p.pending[first].at) {
				first = i
			}
		}
		j := p.pending[first]
		if j.at.After(now) {
			return
		}
		p.pending = slices.Delete(p.pending, first, first+1)
		p.due = j.at
		p.changes.document(docPending)
		p.act(j)
		p.due = time.Time{}
	}
}

// later schedules a job.
func (p *Portal) later(after time.Duration, j job) {
	j.at = p.present().Add(after)
	p.pending = append(p.pending, j)
	p.changes.document(docPending)
}

// Delay draws a duration; r is the portal's seeded source, used under its lock.
type Delay func(r *rand.Rand) time.Duration

// Fixed is always d.
func Fixed(d time.Duration) Delay { return func(*rand.Rand) time.Duration { return d } }

// Between is uniform between a and b.
func Between(a, b time.Duration) Delay {
	return func(r *rand.Rand) time.Duration { return a + time.Duration(r.Int64N(int64(b-a)+1)) }
}

// HeavyTail is exponential around typical, but a share of the draws (0 to 1)
// is uniform up to worst: most writes show in search within seconds, a few
// only after minutes.
func HeavyTail(typical, worst time.Duration, share float64) Delay {
	return func(r *rand.Rand) time.Duration {
		if r.Float64() < share {
			return time.Duration(r.Int64N(int64(worst) + 1))
		}
		return time.Duration(r.ExpFloat64() * float64(typical))
	}
}

func (d Delay) draw(r *rand.Rand) time.Duration {
	if d == nil {
		return 0
	}
	return max(0, d(r))
}
