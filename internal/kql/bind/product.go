package bind

import (
	"fmt"
	"sync"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// productText defines the functions of hunting that are not part of KQL, in KQL. What
// only a vendor's cloud knows of a file is null or empty, and ProfileAvailability says
// so.
const productText = `
let FileProfile = (T:(*), x:string = 'SHA1', y:long = 100) {
    T
    | extend _fileProfileKey = 1
    | join kind=leftouter (print SHA1 = '', SHA256 = '', MD5 = '', FileSize = int(null), GlobalPrevalence = int(null),
        GlobalFirstSeen = datetime(null), GlobalLastSeen = datetime(null), Signer = '', Issuer = '', SignerHash = '',
        IsCertificateValid = bool(null), IsRootSignerMicrosoft = bool(null), SignatureState = '', IsExecutable = bool(null),
        ThreatName = '', Publisher = '', SoftwareName = '', ProfileAvailability = 'Unavailable', _fileProfileKey = 1) on _fileProfileKey
    | project-away _fileProfileKey, _fileProfileKey1
};
let SeenBy = (T:(*), x:string = 'DeviceId') { T | extend SeenBy = dynamic([]) };
let InboundExternalNetworkEvents = (x:string = '') {
    DeviceNetworkEvents
    | where Timestamp > ago(7d) and DeviceId == x and RemoteIPType == 'Public'
    | where ActionType in ('InboundConnectionAccepted', 'InboundInternetScanInspected')
}`

// product parses the definitions once.
var product = sync.OnceValue(func() []*syntax.Let {
	q, diags := syntax.Parse(productText)
	if len(diags) > 0 {
		panic("bind: the functions of hunting do not parse: " + diags[0].Message)
	}
	var lets []*syntax.Let
	for _, s := range q.Statements {
		lets = append(lets, s.(*syntax.Let))
	}
	return lets
})

// defineProduct makes the functions known. Names that a query defines go before them.
func (b *binder) defineProduct() {
	for _, l := range product() {
		b.define(l.Name.Text, b.letDefinition(l.Value))
	}
}

// watchlist binds _GetWatchlist. There are no lists yet: the table has the columns that
// every list has, no rows, and any other column that is asked for.
func (b *binder) watchlist(x *syntax.Call) Rel {
	alias, _ := b.expr(x.Args[0]).(*Const)
	name := ""
	if alias != nil {
		name = fmt.Sprint(alias.Value)
	}
	b.warn(x.Span(), "KS205", fmt.Sprintf("There is no watchlist '%s'; it is taken for an empty one", name))
	return &Values{Open: true, Cols: []*Column{
		b.column("_DTItemId", schema.String, false), b.column("LastUpdatedTimeUTC", schema.DateTime, true),
		b.column("SearchKey", schema.String, false), b.column("WatchlistItem", schema.Dynamic, true),
	}}
}
