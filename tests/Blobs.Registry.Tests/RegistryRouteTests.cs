namespace Blobs.Registry.Tests;

public sealed class RegistryRouteTests
{
    [Theory]
    [InlineData("/v2", "Base", "", "")]
    [InlineData("/v2/", "Base", "", "")]
    [InlineData("/v2/_catalog", "Catalog", "", "")]
    [InlineData("/v2/_token", "Token", "", "")]
    [InlineData("/v2/a/tags/list", "Tags", "a", "")]
    [InlineData("/v2/a/b/manifests/c", "Manifest", "a/b", "c")]
    [InlineData("/v2/a/b/blobs/sha256:00", "Blob", "a/b", "sha256:00")]
    [InlineData("/v2/a/blobs/uploads/", "Uploads", "a", "")]
    [InlineData("/v2/a/blobs/uploads", "Uploads", "a", "")]
    [InlineData("/v2/a/blobs/uploads/1", "Upload", "a", "1")]
    [InlineData("/v2/a/referrers/sha256:00", "Referrers", "a", "sha256:00")]
    [InlineData("/v2/a/blobs/uploads/manifests/c", "Manifest", "a/blobs/uploads", "c")]
    [InlineData("/v2/a/blobs/blobs/uploads/", "Uploads", "a/blobs", "")]
    [InlineData("/v2/tags/list/tags/list", "Tags", "tags/list", "")]
    [InlineData("/v2/a", "None", "", "")]
    [InlineData("/v2//manifests/c", "Manifest", "", "c")]
    [InlineData("/v2/a/manifests/", "None", "", "")]
    [InlineData("/v2/manifests/c", "None", "", "")]
    [InlineData("/v2x", "None", "", "")]
    [InlineData("/V2/a/manifests/c", "None", "", "")]
    [InlineData("/x/v2/a/manifests/c", "None", "", "")]
    [InlineData("", "None", "", "")]
    public void The_end_of_a_path_decides(string path, string kind, string name, string reference) =>
        Assert.Equal(new RegistryRoute(Enum.Parse<RouteKind>(kind), name, reference), RegistryRoute.Parse(path));
}
