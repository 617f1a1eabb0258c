package practice

// Switches choose between behaviours that HubSpot does not document, or that
// observers report differently. The zero value is the documented or most often
// reported behaviour; each field names the other one. A client must work with
// all of them.
type Switches struct {
	// Search.

	NegationsMatchEmpty   bool // NEQ, NOT_IN and NOT_CONTAINS_TOKEN also match records without a value
	UnknownFilterSilent   bool // an unknown property in a filter matches nothing instead of 400
	UnknownFilterNamed    bool // an unknown property in a filter gives a VALIDATION_ERROR that names it
	FreshRows             bool // rows carry present values, which may be newer than the filter allowed
	RowsOutOfOrder        bool // rows of one page may swap places with a neighbour
	SearchThrottleVariant bool // the 429 body has category RATE_LIMITS instead of errorType RATE_LIMIT

	ShortPages bool // pages of searches, lists and owners may show fewer entries than their limit although more follow

	// Reading.

	ReadsFromIndex         bool // batch/read answers from the lagging index instead of the truth
	SecondaryEmailMisses   bool // GET and PATCH by idProperty=email know primary addresses only
	SecondaryEmailBatch    bool // batch/read by idProperty=email knows secondary addresses too
	ClearedReadsEmpty      bool // a cleared property reads "" instead of null
	ShuffleBatchResults    bool // batch results come in another order than the inputs
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
	EmailConflictUnnamed  bool // batch conflicts say "Contact already exists" without the id
	RewriteTouches        bool // writing the value that is there moves the modified date
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
	NamelessContacts      bool // a contact without e-mail, first and last name may be created
	ErasedEmailsReusable  bool // an address erased by gdpr-delete may be created again
	MergeKeepsPrimaryID   bool // a merge of contacts or companies keeps the primary's id, as before 2025
	LabelsAdd             bool // associating with labels adds them to those of the pair instead of replacing them
	AssociateCompanies    bool // a new contact is associated with the company of its e-mail domain a few seconds later

	// Signing in.

	UninstalledSaysHub bool // refreshing after the app was uninstalled gives BAD_HUB instead of BAD_REFRESH_TOKEN

	// Definitions.

	RepeatedPropertyLabels bool // two properties may have the same label
	TypeChangesAllowed     bool // a property's type may change where every value stays valid; else never
	SmallOwnerPages        bool // a page of owners has at most 100 instead of 500

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
