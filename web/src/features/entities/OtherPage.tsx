import { getRouteApi } from "@tanstack/react-router";
import { EntityPage } from "./EntityPage";

const route = getRouteApi("/entity/$kind/$id");

export function OtherPage() {
  const { kind, id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <EntityPage
      key={`${kind}/${id}`}
      kind={kind}
      id={id}
      view={search}
      onView={(view) => navigate({ search: view })}
    />
  );
}
