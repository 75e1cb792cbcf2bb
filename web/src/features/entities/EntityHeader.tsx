import {
  Badge,
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  Text,
  Tooltip,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowDownloadRegular,
  BuildingRegular,
  CopyRegular,
  DesktopRegular,
  DocumentRegular,
  type FluentIcon,
  GlobeRegular,
  LinkRegular,
  PersonRegular,
  SearchInfoRegular,
  ShieldQuestionRegular,
  TableSearchRegular,
  TextPeriodAsteriskRegular,
} from "@fluentui/react-icons";
import { useState } from "react";
import { type EntityKind, type Identity, isEntityKind, kindNames, type Many } from "@/api/entities";
import { isMany } from "@/api/kinds";
import { defang } from "@/components/defang";
import { ButtonLink } from "@/components/links";
import { TextButton } from "@/components/TextButton";
import { Untrusted } from "@/components/Untrusted";
import { huntQuery } from "@/kql/hunt";
import { AliasAndWatch } from "./AliasAndWatch";
import { downloadDocument } from "./downloadDocument";
import { kqlOf } from "./kqlOf";
import { NamedRangeButton } from "./NamedRangeButton";
import { NoiseClass } from "./NoiseClass";
import { type EntityView, showPeriod } from "./view";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "6px 10px",
    marginBottom: "4px",
  },
  // However long the name, the picture stands beside it.
  named: { display: "flex", alignItems: "center", gap: "10px", minWidth: 0 },
  icon: {
    fontSize: "24px",
    color: tokens.colorNeutralForeground2,
    display: "inline-flex",
    flexShrink: 0,
  },
  title: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: "22px",
    lineHeight: "30px",
    fontWeight: 700,
    overflowWrap: "anywhere",
  },
  defanged: { fontFamily: tokens.fontFamilyMonospace, color: tokens.colorNeutralForeground3 },
  right: {
    marginLeft: "auto",
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "6px",
  },
  unseen: { position: "absolute", clipPath: "inset(50%)" },
  note: {
    flexBasis: "100%",
    color: tokens.colorNeutralForeground2,
    "::first-letter": { textTransform: "uppercase" },
  },
});

const kindIcons: Record<EntityKind, FluentIcon> = {
  ip: GlobeRegular,
  cidr: GlobeRegular,
  range: GlobeRegular,
  asn: BuildingRegular,
  domain: TextPeriodAsteriskRegular,
  url: LinkRegular,
  hash: DocumentRegular,
  account: PersonRegular,
  device: DesktopRegular,
};

/** The kinds that a mail reader or chat would turn into a link. */
const shared: readonly EntityKind[] = ["ip", "cidr", "range", "domain", "url"];

/** What the entity is, and what can be done with it. */
export function EntityHeader({ view }: { view: EntityView }) {
  const styles = useStyles();
  const { page, entity } = view;
  const { range } = page;
  const kind = isEntityKind(page.kind) ? kindNames[page.kind] : page.kind;
  const Icon = kindIcons[entity.kind];
  return (
    <header className={styles.head}>
      <div className={styles.named}>
        <span className={styles.icon} role="img" aria-label={kind} title={kind}>
          <Icon />
        </span>
        <h1 className={styles.title}>
          <Untrusted>{page.id}</Untrusted>
        </h1>
      </div>
      {shared.includes(entity.kind) && defang(page.id) !== page.id && (
        <Text size={200} className={styles.defanged} title="Defanged">
          <Untrusted>{defang(page.id)}</Untrusted>
        </Text>
      )}
      {page.identity && <IdentityChips identity={page.identity} many={page.many} />}
      <NoiseClass view={view} />
      <Verdict view={view} />
      <AliasAndWatch view={view} />
      <div className={styles.right}>
        <ButtonLink
          to="/query"
          search={{
            q:
              page.hunts.columns ||
              page.many?.addresses.query ||
              huntQuery(page.kind, page.id, range),
          }}
          appearance="primary"
          icon={<SearchInfoRegular />}
        >
          Go hunt
        </ButtonLink>
        <ButtonLink to="/query" search={{ q: page.hunts.everything }} icon={<TableSearchRegular />}>
          Everything about it
        </ButtonLink>
        {page.identity && entity.kind !== "asn" && <NamedRangeButton view={view} />}
        <CopyMenu view={view} />
        <Button
          size="small"
          icon={<ArrowDownloadRegular />}
          onClick={() => downloadDocument(page)}
          title="The document of this page as JSON"
        >
          Export
        </Button>
      </div>
      {range.note && (
        <Text block size={200} className={styles.note} role="note">
          {range.note}
          {range.shifted && (
            <>
              {" "}
              <TextButton link onClick={() => view.update(showPeriod({ range: "30d" }))}>
                Back to now
              </TextButton>
            </>
          )}
        </Text>
      )}
    </header>
  );
}

/** The place of the verdict. */
function Verdict({ view }: { view: EntityView }) {
  if (isMany(view.entity.kind)) return null;
  return (
    <Button
      size="small"
      appearance="subtle"
      icon={<ShieldQuestionRegular />}
      title="Verdicts come with threat intelligence, which Spoor does not have yet"
      onClick={() => view.update({ tab: "intel" })}
    >
      No verdict yet
    </Button>
  );
}

function IdentityChips({ identity, many }: { identity: Identity; many?: Many }) {
  const partly = !identity.own && (many?.own ?? 0) > 0;
  return (
    <>
      {identity.class !== "" && (
        <Badge appearance="tint" color="brand" size="large">
          {classLabel(identity.class, many !== undefined)}
        </Badge>
      )}
      <Tooltip content={identity.ownWhy} relationship="description">
        <Badge
          appearance="outline"
          color={identity.own ? "success" : "informative"}
          size="large"
          tabIndex={0}
        >
          {identity.own ? "Own" : partly ? "Partly own" : "External"}
        </Badge>
      </Tooltip>
    </>
  );
}

function CopyMenu({ view: { entity, page } }: { view: EntityView }) {
  const styles = useStyles();
  const [copied, setCopied] = useState("");
  // The prefixes of a range or an AS are known to the server alone.
  const kql =
    entity.kind === "range" || entity.kind === "asn"
      ? (page.many?.addresses.query ?? "")
      : kqlOf(entity.kind, entity.id);
  const copy = async (text: string, what = text) => {
    await navigator.clipboard.writeText(text);
    setCopied(`Copied ${what}`);
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
            <MenuItem onClick={() => copy(entity.id)}>As it is</MenuItem>
            <MenuItem onClick={() => copy(defang(entity.id))}>
              Defanged: <Untrusted>{defang(entity.id)}</Untrusted>
            </MenuItem>
            <MenuItem onClick={() => copy(kql, "the query")}>As KQL</MenuItem>
            <MenuItem
              icon={<LinkRegular />}
              onClick={() => copy(window.location.href, "the link to this view")}
            >
              Link to this view
            </MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <span role="status" className={styles.unseen}>
        {copied}
      </span>
    </>
  );
}

/** "private" as "Private address", or of many as "Private addresses". */
function classLabel(name: string, many: boolean): string {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  if (many) return `${capital} addresses`;
  return name === "documentation" ? `${capital} range` : `${capital} address`;
}
