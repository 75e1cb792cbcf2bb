import { getRouteApi, Navigate } from "@tanstack/react-router";
import { isEntityKind } from "@/api/entities";
import { Failure } from "@/components/states";
import { EntityPage } from "./EntityPage";

const route = getRouteApi("/entity/$kind/$id");

export function OtherPage() {
  const { kind, id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  if (!isEntityKind(kind)) {
    return <Failure page title={`There is no kind of entity called “${kind}”`} />;
  }
  const [address = "", length] = id.split("/");
  if (kind === "cidr" && length === (address.includes(":") ? "128" : "32")) {
    return <Navigate to="/ip/$address" params={{ address }} search={search} replace />;
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
