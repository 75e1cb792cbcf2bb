import { getRouteApi } from "@tanstack/react-router";
import { isEntityKind } from "@/api/entities";
import { Failure } from "@/components/states";
import { EntityPage } from "./EntityPage";

const route = getRouteApi("/entity/$kind/$id");

export function OtherPage() {
  const { kind, id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  if (!isEntityKind(kind)) {
    return <Failure title={`There is no kind of entity called “${kind}”`} />;
  }
  return (
    <EntityPage
      key={`${kind}/${id}`}
      kind={kind}
      id={id}
      search={search}
      onSearch={(next, replace) => navigate({ search: next, replace })}
    />
  );
}
