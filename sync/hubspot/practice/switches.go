package practice

// Switches choose between behaviours that HubSpot does not document, or that
// observers report differently. The zero value is the documented or most often
// reported behaviour; each field names the other one. A client must work with
// all of them.
type Switches struct {
	// Search.

	NegationsMatchEmpty bool // NEQ, NOT_IN and NOT_CONTAINS_TOKEN also match records without a value
	UnknownFilterSilent bool // an unknown property in a filter matches nothing instead of 400
	UnknownFilterNamed  bool // an unknown property in a filter gives a VALIDATION_ERROR that names it
	FreshRows           bool // rows carry present values, which may be newer than the filter allowed
	RowsOutOfOrder      bool // rows of one page may swap places with a neighbour
	SearchThrottleTyped bool // the 429 body has errorType, policyName and groupName instead of category RATE_LIMITS

	ShortPages bool // pages of searches, lists and owners may show fewer entries than their limit although more follow

	// Reading.

	ReadsFromIndex         bool // batch/read answers from the lagging index instead of the truth
	SecondaryEmailMisses   bool // GET and PATCH by idProperty=email know primary addresses only
	SecondaryEmailBatch    bool // batch/read by idProperty=email knows secondary addresses too
	ClearedReadsNull       bool // a cleared property reads null instead of "", as one that was never set
	OrderedBatchResults    bool // batch results come in the order of the inputs instead of any other
	EchoTraceIDs           bool // successes carry objectWriteTraceId too
	HistoryHidesApp        bool // property history of API writes has no sourceId
	HistorySaysAPI         bool // property history of API writes has sourceType API instead of INTEGRATION
	AssociationIDsAsText   bool // toObjectId and fromObjectId are strings instead of numbers
	SinglePatchDoubleSpace bool // PATCH of an unknown numeric id: "Object not found.  objectId are usually numeric."

	// Writing.

	DeleteUnknownFails    bool // DELETE of an unknown or archived id gives 404 instead of 204
	ArchiveUnknownFails   bool // batch/archive with an unknown or archived id gives 404 and archives nothing
	ArchiveRepeatsFail    bool // batch/archive with a repeated id gives 400 as other batches do
	MergedMergesAgain     bool // merging a merged-away id means its survivor instead of 400
	OldIDsOmitted         bool // batch/update drops merged-away ids silently instead of an OBJECT_NOT_FOUND in 207
	OldIDsReachSurvivor   bool // batch/update by a merged-away id changes the survivor, under whose id the result comes
	OldIDsNotArchived     bool // DELETE and batch/archive do not know merged-away ids instead of archiving the survivor
	UpsertConflictWhole   bool // an e-mail conflict fails a whole upsert although trace ids were sent
	EmailUpsertPartial    bool // upsert by e-mail gives partial success like any other
	UniqueUnenforced      bool // unique properties are not enforced
	UniqueCaseSensitive   bool // unique values differ by case
	ArchivedUnique        ArchivedUnique
	ConflictNames         ConflictNames
	RewriteTouches        bool // writing the value that is there moves the modified date
	RestoresKeepDate      bool // restoring an archived record leaves its modified date alone
	AssociationsKeepDate  bool // associating leaves the modified date of both ends alone
	TrimText              bool // leading and trailing white space of text properties is dropped
	FormatPhones          bool // phone numbers lose everything but digits and a leading +
	RewriteNumbers        bool // numbers are stored in their shortest form (5.0 becomes 5)
	NoLifecycleDefault    bool // a contact made by the API gets no lifecycle stage
	NoAutomaticCloseDate  bool // closing a deal leaves closedate alone
	InactiveOwnersAllowed bool // an archived owner may be assigned
	LooseBooleans         bool // "True" and "FALSE" are taken for booleans; else only true and false
	ActivityDatesWritable bool // hs_createdate of activities and custom objects may be set on creation
	StrictProducts        bool // a product needs all five properties that the guide lists, not just a name
	LoneLeads             bool // a lead without a contact or a company may be created
	NamelessContacts      bool // a contact without e-mail, first and last name may be created
	ErasedEmailsBlocked   bool // an address erased by gdpr-delete cannot be created again, as the docs once said
	MergeKeepsPrimaryID   bool // a merge keeps the primary's id: contacts and companies did before 2025, all types do with Primary-ID preservation
	LabelsAdd             bool // associating with labels adds them to those of the pair instead of replacing them
	AssociateCompanies    bool // a new contact is associated with the company of its e-mail domain a few seconds later

	// Requests.

	UpsertNeedsProperty   bool // batch/upsert without idProperty gives 400 instead of meaning record ids
	NoNumberedV4Objects   bool // /crm/v4/objects/{type} is not served, only its associations are
	ZeroLimitRefused      bool // limit=0 gives 400 instead of the usual page
	TextIDsArchived       bool // DELETE of an id that is no number gives 204 instead of 404
	SearchByGetForbidden  bool // GET …/search gives 405 instead of 404 as any text that is no id
	MissingEndsPartial    bool // an association batch with a record that is not there gives 207 for it instead of 400 for all
	PipelinesShareLabels  bool // two pipelines of an object type may have the same label
	PrimaryOutlivesLabels bool // associating with labels leaves Primary alone
	InlineScopesUnchecked bool // associations in a create do not need the scope of their other end
	ActivitiesMerge       bool // notes and other activities can be merged
	PlainNumberFilters    bool // a number filter with text matches nothing instead of 400
	AnyDirection          bool // an unknown sort direction means ascending instead of 400
	SeveralSorts          bool // of several sorts the first counts instead of 400
	QueryByWords          bool // the free query finds beginnings of words only, instead of any part of a value
	LongTextUnnamed       bool // too long a text is refused as INVALID_LENGTH instead of PROPERTY_VALUE_TOO_LONG
	LengthInUTF16         bool // a text's length is counted in UTF-16 units, as Java does, instead of characters
	MidnightISODates      bool // before 2026-09 an ISO moment at midnight UTC is a date instead of 400
	AnyGroupName          bool // property groups may have any name
	HubSpotLabelsFixed    bool // the label of a property that HubSpot defined cannot be changed
	RepeatedOptions       bool // two options of a property may have the same value
	UnknownTokenNotFound  bool // token info of an unknown or OAuth token gives 404 instead of 401
	UninstallRevokesAll   bool // uninstalling by a private app's token revokes it instead of 403
	UnknownErasedRefused  bool // gdpr-delete of an id that is not there gives 404 instead of 204
	ErasesEverything      bool // gdpr-delete takes every object type instead of contacts and appointments
	SearchesTellDaily     bool // searches carry the daily rate headers, as in 2022

	// Imports and exports.

	ImportSaysIntegration bool // property history of an import's values has sourceType INTEGRATION and the app's id instead of IMPORT and the import's
	ImportLeavesOut       bool // a row with an invalid value makes its record without that value, beside the error, instead of none
	ImportSkipsKnown      bool // CREATE passes over a row whose record is there without an error
	ImportChangesKnown    bool // CREATE changes the record that is there instead of refusing the row
	ImportLinesOfRows     bool // the lines of errors are counted from the first row instead of the header
	ImportsOldestFirst    bool // the list of imports begins with the oldest
	ExportsFromIndex      bool // exports show what search knows instead of the truth
	ExportsLocalTimes     bool // exports show moments in the account's time zone without seconds instead of ISO 8601
	ExportsWholeSeconds   bool // exports show moments without their milliseconds
	ExportsGuardFormulas  bool // exports put an apostrophe before texts that a spreadsheet would take for a formula
	ExportsShowLabels     bool // exports show the labels of options although their values were asked for

	SubmittedTimeIgnored bool // a submission has the time of its arrival instead of the one that was sent with it

	FilesMustExpire bool // a file can't be uploaded without a time when it goes, instead of one that may be null

	// JournalScopeAlone serves all of the webhooks journal under its one documented scope, and knows no other.
	JournalScopeAlone bool

	// Events on timelines.

	RepeatedEvents   RepeatedEvents
	EventsUnreadable bool // no event can be read back by its id

	// Signing in.

	UninstalledSaysHub bool // refreshing after the app was uninstalled gives BAD_HUB instead of BAD_REFRESH_TOKEN

	// Definitions.

	RepeatedPropertyLabels bool // two properties may have the same label
	TypeChangesAllowed     bool // a property's type may change where every value stays valid; else never
	SmallOwnerPages        bool // a page of owners has at most 100 instead of 500

	// Lists.

	ListsTouchRecords bool // joining or leaving a list moves the record's modified date (facts 12.3)

	// Forms.

	SubmissionsByPosition  bool // the after of submissions is how many came before instead of the last one's id: what comes meanwhile shifts the pages
	SubmittedChoicesJoined bool // several choices of one field come as one value with semicolons instead of a value each
	SubmittedTypesUntold   bool // the values of a submission do not name their object type, as in the reference

	// Limits.

	RetryAfter         bool // 429 answers carry Retry-After
	RejectedCountDaily bool // rejected calls count against the daily budget
	AssociationsExempt bool // association calls do not count in the ten-second window

	// URLLimit is the longest request target in bytes; longer ones get 414
	// with an HTML body. 0 = 8,192, the low end of what is reported.
	URLLimit int
}

// ArchivedUnique tells what becomes of the unique values of archived records.
type ArchivedUnique int

// The choices for Switches.ArchivedUnique.
const (
	ArchivedReleases ArchivedUnique = iota // the value is free again
	ArchivedBlocks                         // the value stays taken: writes clash
	ArchivedRevives                        // an upsert of the value restores the archived record
)

// ConflictNames tells whether a batch without trace ids that wants a contact's
// address which another one has is told whose it is. Recordings show both.
type ConflictNames int

// The choices for Switches.ConflictNames.
const (
	ConflictVaries  ConflictNames = iota // "Contact already exists", with ". Existing ID: 501" or without
	ConflictNamed                        // always with the id
	ConflictUnnamed                      // never
)
