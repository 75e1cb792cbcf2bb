import {
  Badge,
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Tag,
  Text,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import { CopyRegular, SearchInfoRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { type EntityDocument, type Identity, isEntityKind, kindNames } from "@/api/entities";
import { ButtonLink, TextLink } from "@/components/links";
import { Untrusted } from "@/components/Untrusted";
import { huntQuery } from "@/kql/hunt";
import { periodOfTimes } from "@/time/range";
import { defang } from "./defang";
import { RangePicker } from "./RangePicker";
import type { EntityView } from "./view";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px 10px",
    marginBottom: "12px",
  },
  kind: { color: tokens.colorNeutralForeground3 },
  title: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: "22px",
    lineHeight: "30px",
    fontWeight: 700,
    overflowWrap: "anywhere",
  },
  right: {
    marginLeft: "auto",
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px",
  },
  unseen: { position: "absolute", clipPath: "inset(50%)" },
  inText: { textDecorationLine: "underline" },
  note: {
    flexBasis: "100%",
    color: tokens.colorNeutralForeground2,
    "::first-letter": { textTransform: "uppercase" },
  },
});

interface EntityHeaderProps {
  page: EntityDocument;
  view: EntityView;
  onView: (view: EntityView) => void;
}

export function EntityHeader({ page, view, onView }: EntityHeaderProps) {
  const styles = useStyles();
  const { range } = page;
  return (
    <header className={styles.head}>
      <Text size={200} className={styles.kind}>
        {isEntityKind(page.kind) ? kindNames[page.kind] : page.kind}
      </Text>
      <h1 className={styles.title}>
        <Untrusted>{page.id}</Untrusted>
      </h1>
      {page.identity && <IdentityChips identity={page.identity} />}
      {page.site && (
        <Tag
          size="small"
          shape="circular"
          dismissible
          dismissIcon={{ "aria-label": "show all sites" }}
          onClick={() => onView({ ...view, site: undefined })}
        >
          Site: {page.site}
        </Tag>
      )}
      <div className={styles.right}>
        <ButtonLink
          to="/query"
          search={{ q: huntQuery(page.kind, page.id, range.from, range.to) }}
          appearance="primary"
          icon={<SearchInfoRegular />}
        >
          Go hunt
        </ButtonLink>
        <CopyMenu id={page.id} />
        <RangePicker
          period={range}
          isDefault={range.default}
          allTime={allTime(page)}
          view={view}
          onView={onView}
        />
      </div>
      {range.note && (
        <Text block size={200} className={styles.note} role="note">
          {range.note}
          {range.shifted && (
            <>
              {" "}
              <TextLink
                className={styles.inText}
                to="."
                search={{ ...view, from: undefined, to: undefined, range: "30d" }}
              >
                Back to now
              </TextLink>
            </>
          )}
        </Text>
      )}
    </header>
  );
}

function IdentityChips({ identity }: { identity: Identity }) {
  return (
    <>
      <Badge appearance="tint" color="brand" size="large">
        {classLabel(identity.class)}
      </Badge>
      <Tooltip content={identity.ownWhy} relationship="description">
        <Badge
          appearance="outline"
          color={identity.own ? "success" : "informative"}
          size="large"
          tabIndex={0}
        >
          {identity.own ? "Own" : "External"}
        </Badge>
      </Tooltip>
    </>
  );
}

function CopyMenu({ id }: { id: string }) {
  const styles = useStyles();
  const [copied, setCopied] = useState("");
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    setCopied(`Copied ${text}`);
  };
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" icon={<CopyRegular />}>
            Copy
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => copy(id)}>As it is</MenuItem>
            <MenuItem onClick={() => copy(defang(id))}>Defanged: {defang(id)}</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <span role="status" className={styles.unseen}>
        {copied}
      </span>
    </>
  );
}

/** "private" as "Private address". */
function classLabel(name: string): string {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return name === "documentation" ? `${capital} range` : `${capital} address`;
}

function allTime(page: EntityDocument) {
  const times = (page.sources ?? []).flatMap((s) => [s.firstEver, s.lastEver]);
  return periodOfTimes(times.filter((t) => typeof t === "string"));
}
