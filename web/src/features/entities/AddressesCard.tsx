import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { addressesQuery, type Many } from "@/api/entities";
import { Card } from "@/components/Card";
import { Failure } from "@/components/states";
import { addressColumns, usualAddressColumns } from "./addressColumns";
import { addressOf, useComparedColumn } from "./comparing";
import { addressesCompared, GoneAddresses } from "./GoneAddresses";
import { ListTable } from "./ListTable";
import { NothingHere } from "./NothingHere";
import { useColumns } from "./useColumns";
import { useListPage } from "./useListPage";
import { type EntityView, sameStory } from "./view";

/** The addresses of many that were seen, one line each. */
export function AddressesCard({ view, many }: { view: EntityView; many: Many }) {
  const list = useListPage();
  const { addresses, wide } = many;
  const brought = list.isFirst && !wide ? addresses : undefined;
  const answer = useQuery(addressesQuery(view.scope, list.page, brought));
  const columns = useMemo(() => addressColumns(sameStory(view)), [view]);
  const { shown, picker } = useColumns(view, "addresses", columns, usualAddressColumns);
  const compared = useComparedColumn(view, addressesCompared, addressOf);
  return (
    <Card
      title="Addresses"
      count={addresses.total}
      note="those seen, one line each, as their own pages have them"
      query={addresses.query}
    >
      {answer.isError && (
        <Failure
          title="The addresses could not be read"
          error={answer.error}
          again={answer.refetch}
        />
      )}
      {addresses.total === 0 ? (
        <NothingHere view={view} of="anything">
          None of its addresses was seen in this period.
        </NothingHere>
      ) : (
        <ListTable
          noun="addresses"
          list={list}
          columns={wide ? shown : [...compared, ...shown]}
          tools={picker}
          rows={answer.data?.items ?? []}
          total={answer.data?.total ?? addresses.total}
        />
      )}
      <GoneAddresses view={view} many={many} />
    </Card>
  );
}
