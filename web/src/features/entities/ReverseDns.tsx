import { Badge, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { namesQuery } from "@/api/entities";
import { sessionQuery } from "@/api/session";
import { reverseDns, setReverseDns, settingsQuery } from "@/api/settings";
import { HostChip } from "@/components/EntityChip";
import { OpenQuery } from "@/components/links";
import { formatCount } from "@/components/numbers";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { NameFact } from "./NameFact";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "4px" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

/** The names that DNS has for the address itself: those in own logs, and, when asked, now. */
export function ReverseDns({ view }: { view: EntityView }) {
  const styles = useStyles();
  const names = useQuery(namesQuery(view.scope));
  const known = names.data?.reverse ?? [];
  const confirmed = new Set(
    (names.data?.items ?? [])
      .filter((n) => (n.bySource ?? []).some((s) => s.via === "dns"))
      .map((n) => n.name),
  );
  return (
    <>
      <ul className={styles.list} aria-label="Reverse DNS in own logs">
        {known.map((r) => (
          <li key={`${r.name} ${r.source}`}>
            <HostChip host={r.name} /> <Confirmed is={r.confirmed} />
            <NameFact
              first={r.first}
              last={r.last}
              counts={`${formatCount(r.records)} answers (${r.source})`}
            />
          </li>
        ))}
      </ul>
      {names.data && known.length === 0 && <span>none in own logs</span>}
      {names.data?.reverseQuery && (
        <OpenQuery query={names.data.reverseQuery} of="reverse DNS in own logs" />
      )}
      <Text block size={200} className={styles.quiet}>
        now: <Live address={view.entity.id} confirmed={confirmed} />
      </Text>
    </>
  );
}

/** Whether own answers of DNS bear a reverse name out, which its zone alone does not. */
function Confirmed({ is }: { is: boolean }) {
  return is ? (
    <Badge
      appearance="tint"
      color="success"
      size="small"
      title="An own DNS answer of this period gives the address for the name, too"
    >
      forward-confirmed
    </Badge>
  ) : (
    <Badge
      appearance="outline"
      color="warning"
      size="small"
      title="No own DNS answer of this period gives the address for the name: whoever runs the zone may write any name there"
    >
      not confirmed
    </Badge>
  );
}

/**
 * Live reverse DNS. Nothing is asked until somebody says so, for whoever runs the
 * address's zone can notice the question.
 */
function Live({ address, confirmed }: { address: string; confirmed: ReadonlySet<string> }) {
  const settings = useQuery(settingsQuery);
  const session = useQuery(sessionQuery);
  const cache = useQueryClient();
  const ask = useMutation({ mutationFn: () => reverseDns(address) });
  const allow = useMutation({
    mutationFn: () => setReverseDns(true),
    onSuccess: () => cache.invalidateQueries(settingsQuery),
  });
  if (!settings.data) return null;
  if (!settings.data.reverseDns) {
    return (
      <>
        switched off
        {session.data?.role === "admin" && (
          <>
            {" · "}
            <TextButton link onClick={() => allow.mutate()}>
              allow look-ups
            </TextButton>
          </>
        )}
      </>
    );
  }
  if (ask.isPending) return "asking …";
  if (ask.isError) return <Untrusted>{ask.error.message}</Untrusted>;
  if (!ask.isSuccess) {
    return (
      <TextButton link onClick={() => ask.mutate()}>
        ask now (its owner can notice)
      </TextButton>
    );
  }
  if (ask.data.length === 0) return "no name";
  return ask.data.map((name) => (
    <span key={name}>
      <HostChip host={name} />{" "}
      <Confirmed is={confirmed.has(name.replace(/\.$/, "").toLowerCase())} />
    </span>
  ));
}
