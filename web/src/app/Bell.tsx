import {
  Button,
  CounterBadge,
  makeStyles,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Text,
  tokens,
} from "@fluentui/react-components";
import { AlertRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { noticesQuery, readNotices } from "@/api/watches";
import { EntityChip } from "@/components/EntityChip";
import { Moment } from "@/components/Moment";
import { counted } from "@/components/numbers";
import { Empty, Failure } from "@/components/states";
import { Untrusted } from "@/components/Untrusted";

const useStyles = makeStyles({
  surface: { width: "380px", maxWidth: "90vw", maxHeight: "60vh", overflow: "auto" },
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "10px" },
  unread: { fontWeight: 600 },
  muted: { color: tokens.colorNeutralForeground3 },
});

/** What is new of the entities that the user watches. */
export function Bell() {
  const styles = useStyles();
  const cache = useQueryClient();
  const notices = useQuery(noticesQuery);
  const unread = notices.data?.unread ?? 0;
  const list = notices.data?.items ?? [];
  const read = useMutation({
    mutationFn: readNotices,
    onSuccess: () => cache.invalidateQueries({ queryKey: noticesQuery.queryKey }),
  });
  const newest = list[0]?.id;
  return (
    <Popover
      positioning="below-end"
      onOpenChange={(_, { open }) => {
        if (!open && unread > 0 && newest !== undefined) read.mutate(newest);
      }}
      trapFocus
    >
      <PopoverTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          icon={<AlertRegular />}
          aria-label={unread === 0 ? "Notices" : `Notices, ${unread} unread`}
        >
          {unread > 0 && <CounterBadge count={unread} size="small" color="danger" />}
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label="Notices">
        {notices.isError && (
          <Failure
            title="The notices could not be read"
            error={notices.error}
            again={notices.refetch}
          />
        )}
        {notices.data && list.length === 0 && (
          <Empty>
            Nothing new of what you watch. The button Watch on the page of an address sets a mark.
          </Empty>
        )}
        <ul className={styles.list}>
          {list.map((n) => (
            <li key={n.id} className={n.read ? undefined : styles.unread}>
              <EntityChip kind={n.watch.kind} id={n.watch.entity} /> was seen again:{" "}
              {counted(n.records, "new record")}
              {n.contacts > 0 ? `, ${counted(n.contacts, "contact")} among them` : ""}, the last at{" "}
              <Moment at={n.last} to="minute" />
              <Text block size={200} className={styles.muted}>
                watched because: <Untrusted>{n.watch.reason}</Untrusted>
              </Text>
            </li>
          ))}
        </ul>
      </PopoverSurface>
    </Popover>
  );
}
