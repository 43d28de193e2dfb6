using System.CommandLine;
using System.Runtime.Versioning;
using Blobs.Cli;
using Blobs.Cli.Commands;

namespace Blobs.Tests.Cli;

/// <summary>Tests which places the verbs of registries refuse: each is one line and wrong usage.</summary>
[SupportedOSPlatform("linux")]
public sealed class RegistryVerbTests
{
    private static readonly RootCommand Root =
    [
        TagsCommand.Create(), CatalogCommand.Create(), DigestCommand.Create(), ManifestCommand.Create(), ConfigCommand.Create(),
        ReferrersCommand.Create(), DeleteCommand.Create(), LoginCommand.Create(), LogoutCommand.Create(),
    ];

    [Theory]
    [InlineData("tags", "docker-data:/root")]
    [InlineData("tags", "oci:layout:1")]
    [InlineData("tags", "registry.example/app:1")]
    [InlineData("tags", "container:web")]
    [InlineData("catalog", "registry.example/app")]
    [InlineData("catalog", "oci:layout")]
    [InlineData("digest", "docker-data:/root//app")]
    [InlineData("digest", "docker-archive:app.tar")]
    [InlineData("digest", "container:web")]
    [InlineData("manifest", "docker-data:/root//app")]
    [InlineData("manifest", "docker-archive:app.tar")]
    [InlineData("manifest", "layer:sha256:0")]
    [InlineData("config", "container:web")]
    [InlineData("config", "layer:sha256:0")]
    [InlineData("referrers", "docker-data:/root//app")]
    [InlineData("referrers", "docker-archive:app.tar")]
    [InlineData("delete", "oci:layout:1")]
    [InlineData("delete", "docker-data:/root//app")]
    [InlineData("delete", "docker-archive:app.tar")]
    [InlineData("delete", "registry.example/app")]
    [InlineData("login", "oci:layout")]
    [InlineData("logout", "registry.example/app")]
    [InlineData("digest", "registry.example/app:/etc")]
    [InlineData("delete", "registry.example/app:1@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void A_place_without_it_is_wrong_usage(string verb, string place)
    {
        string error = Assert.Single(CommandLine.ErrorsOf(CommandLine.Parse(Root, [verb, place])));
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("tags", "alpine")]
    [InlineData("tags", "docker://registry.example/app")]
    [InlineData("tags", "oci:layout")]
    [InlineData("tags", "oci-archive:app.tar")]
    [InlineData("tags", "docker-archive:app.tar")]
    [InlineData("catalog", "127.0.0.1:5000")]
    [InlineData("catalog", "registry")]
    [InlineData("digest", "alpine")]
    [InlineData("manifest", "oci:layout:1")]
    [InlineData("config", "docker-archive:app.tar")]
    [InlineData("config", "docker-data:/root//app")]
    [InlineData("referrers", "oci-archive:app.tar:1")]
    [InlineData("delete", "registry.example/app:1")]
    [InlineData("login", "https://registry.example/")]
    public void A_place_that_has_it_is_taken(string verb, string place) =>
        Assert.Empty(CommandLine.ErrorsOf(CommandLine.Parse(Root, [verb, place])));

    [Fact]
    public void A_password_from_standard_input_needs_a_user() =>
        Assert.Single(CommandLine.ErrorsOf(CommandLine.Parse(Root, ["login", "x.example", "--password-stdin"])));

    [Theory]
    [InlineData("docker.io")]
    [InlineData("docker.io=ftp://x")]
    public void A_mirror_has_a_form(string mirror) => Assert.Contains(
        "--mirror: ", Assert.Single(CommandLine.ErrorsOf(CommandLine.Parse(Root, ["digest", "alpine", "--mirror", mirror]))), StringComparison.Ordinal);
}
