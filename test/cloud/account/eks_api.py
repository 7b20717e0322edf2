"""What moto's EKS lacks: add-ons, access entries and pod identity associations. They are kept and told, and do nothing."""
import json
import uuid
from urllib.parse import unquote

import moto.eks.urls as urls
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.eks.responses import EKSResponse
from moto.utilities.utils import get_partition

STORE = {}  # (account, region, cluster, kind) → {key: object}


class ResourceInUseException(ServiceException):
    """There is one already."""

    code = "ResourceInUseException"


class ResourceNotFoundException(ServiceException):
    """There is none."""

    code = "ResourceNotFoundException"


class EksApi(EKSResponse):
    def _store(self, kind):
        cluster = self._get_param("name") or self._get_param("clusterName")
        self.eks_backend.describe_cluster(cluster)  # which must exist
        return cluster, STORE.setdefault((self.current_account, self.region, cluster, kind), {})

    def _arn(self, kind, cluster, rest):
        return f"arn:{get_partition(self.region)}:eks:{self.region}:{self.current_account}:{kind}/{cluster}/{rest}"

    def _add(self, kind, key, item):
        _, store = self._store(kind)
        if key in store:
            raise ResourceInUseException(f"{kind} {key} already exists")
        store[key] = item
        return item

    def _the(self, kind, key):
        _, store = self._store(kind)
        if key not in store:
            raise ResourceNotFoundException(f"No {kind} {key}")
        return store, store[key]

    def _body(self):
        return json.loads(self.body)

    def create_addon(self):
        body, (cluster, _) = self._body(), self._store("addon")
        name = body["addonName"]
        item = {**body, "clusterName": cluster, "status": "ACTIVE", "addonArn": self._arn("addon", cluster, name), "tags": body.get("tags", {})}
        return ActionResult({"addon": self._add("addon", name, item)})

    def list_addons(self):
        return ActionResult({"addons": sorted(self._store("addon")[1])})

    def describe_addon(self):
        return ActionResult({"addon": self._the("addon", self._get_param("addonName"))[1]})

    def delete_addon(self):
        name = self._get_param("addonName")
        store, item = self._the("addon", name)
        del store[name]
        return ActionResult({"addon": item})

    @property
    def _principal(self):
        return unquote(self._get_param("principalArn"))

    def create_access_entry(self):
        body, (cluster, _) = self._body(), self._store("access-entry")
        principal = body["principalArn"]
        item = {"type": "STANDARD", **body, "clusterName": cluster, "accessEntryArn": self._arn("access-entry", cluster, uuid.uuid4()), "policies": []}
        return ActionResult({"accessEntry": self._add("access-entry", principal, item)})

    def list_access_entries(self):
        return ActionResult({"accessEntries": sorted(self._store("access-entry")[1])})

    def describe_access_entry(self):
        return ActionResult({"accessEntry": self._the("access-entry", self._principal)[1]})

    def delete_access_entry(self):
        principal = self._principal
        store, _ = self._the("access-entry", principal)
        del store[principal]
        return EmptyResult()

    def associate_access_policy(self):
        body, (cluster, _) = self._body(), self._store("access-entry")
        _, entry = self._the("access-entry", self._principal)
        policy = {"policyArn": body["policyArn"], "accessScope": body["accessScope"]}
        entry["policies"].append(policy)
        return ActionResult({"clusterName": cluster, "principalArn": self._principal, "associatedAccessPolicy": policy})

    def list_associated_access_policies(self):
        cluster, _ = self._store("access-entry")
        _, entry = self._the("access-entry", self._principal)
        return ActionResult({"clusterName": cluster, "principalArn": entry["principalArn"], "associatedAccessPolicies": entry["policies"]})

    def create_pod_identity_association(self):
        body, (cluster, store) = self._body(), self._store("podidentityassociation")
        account = f"{body['namespace']}/{body['serviceAccount']}"
        if account in {f"{item['namespace']}/{item['serviceAccount']}" for item in store.values()}:
            raise ResourceInUseException(f"Association already exists for {account}")
        identifier = f"a-{uuid.uuid4().hex[:16]}"
        item = {**body, "clusterName": cluster, "associationId": identifier, "associationArn": self._arn("podidentityassociation", cluster, identifier)}
        return ActionResult({"association": self._add("podidentityassociation", identifier, item)})

    def list_pod_identity_associations(self):
        return ActionResult({"associations": list(self._store("podidentityassociation")[1].values())})

    def describe_pod_identity_association(self):
        return ActionResult({"association": self._the("podidentityassociation", self._get_param("associationId"))[1]})

    def delete_pod_identity_association(self):
        identifier = self._get_param("associationId")
        store, item = self._the("podidentityassociation", identifier)
        del store[identifier]
        return ActionResult({"association": item})


def install():
    """Adds the paths of these to moto's EKS, and takes over its own."""
    cluster = "{0}/clusters/(?P<name>[^/]+)"
    for path in [*urls.url_paths]:
        urls.url_paths[path] = EksApi.dispatch
    for path in ("addons$", "addons/(?P<addonName>[^/]+)$", "access-entries$", "access-entries/(?P<principalArn>.+)$",
                 "pod-identity-associations$", "pod-identity-associations/(?P<associationId>[^/]+)$"):
        urls.url_paths[f"{cluster}/{path}"] = EksApi.dispatch
