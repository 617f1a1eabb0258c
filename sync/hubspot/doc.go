// Package hubspot is the client for HubSpot's CRM API: thin, and generic over
// object types. Nothing outside this package knows HubSpot's JSON or URLs.
//
// Every call passes the gates of a [Limiter] and one request function, which
// repeats what is certain not to have happened (429, 423) and, for reads only,
// what failed in between. A write whose outcome is not known is returned to
// the caller, never repeated: ask [Unknown].
//
// Records are matched to inputs by the caller: HubSpot does not promise the
// order of a batch's results.
package hubspot
