using System.Text;
using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The verbs that ask and change registries, held against skopeo's answers, on our registry and on the reference one.</summary>
[Collection(EngineCollection.Name)]
public sealed class RegistryVerbSpecs
{
    private const string Repository = "team/app";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tags_digest_manifest_and_config_are_what_skopeo_says(bool isOurs)
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, isOurs);
        string layout = await LayoutAsync(temporary);
        await Skopeo.CopyAsync($"oci:{layout}:1", $"docker://{registry.Address}/{Repository}:1");
        await Skopeo.CopyAsync($"oci:{layout}:1", $"docker://{registry.Address}/{Repository}:2");
        string image = $"{registry.Address}/{Repository}:1";

        Assert.Equal(["1", "2"], (await LinesAsync("tags", $"{registry.Address}/{Repository}")).Order());
        Assert.Equal([Repository], await LinesAsync("catalog", registry.Address));
        CommandResult json = await BlobsCommand.With("tags", $"{registry.Address}/{Repository}", "--json").SucceedAsync();
        Assert.Equal(2, json.Json.GetProperty("tags").GetArrayLength());
        Assert.Equal(await SkopeoDigestAsync($"docker://{image}"), Assert.Single(await LinesAsync("digest", image)));
        foreach (string place in (string[])[image, $"oci:{layout}:1"])
        {
            string other = place == image ? $"docker://{image}" : place;
            Assert.Equal((await Skopeo.InspectAsync(other, "--raw")).Output, (await BlobsCommand.With("manifest", place).SucceedAsync()).Output);
            Assert.Equal(
                (await Skopeo.InspectAsync(other, "--raw", "--config")).Output, (await BlobsCommand.With("config", place).SucceedAsync()).Output);
            Assert.Equal(await SkopeoDigestAsync(other), Assert.Single(await LinesAsync("digest", place)));
        }

        Assert.Equal(["1"], await LinesAsync("tags", $"oci:{layout}"));
        JsonElement document = (await BlobsCommand.With("manifest", image, "--json").SucceedAsync()).Json;
        Assert.Equal(await SkopeoDigestAsync($"docker://{image}"), document.GetProperty("digest").GetString());
        Assert.Equal(2, document.GetProperty("content").GetProperty("schemaVersion").GetInt32());
    }

    [Fact]
    public async Task A_tag_is_deleted_alone_and_a_manifest_with_its_tags()
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, isOurs: true);
        string layout = await LayoutAsync(temporary);
        string name = $"{registry.Address}/{Repository}";
        foreach (string tag in (string[])["1", "2", "3"])
        {
            await Skopeo.CopyAsync($"oci:{layout}:1", $"docker://{name}:{tag}");
        }

        string digest = await SkopeoDigestAsync($"docker://{name}:1");
        Assert.Equal([$"Untagged: {name}:1"], await LinesAsync("delete", $"{name}:1"));
        Assert.Equal(["2", "3"], (await LinesAsync("tags", name)).Order());
        Assert.Equal(
            [$"Untagged: {name}:2", $"Untagged: {name}:3", $"Deleted: {name}@{digest}"], await LinesAsync("delete", $"{name}@{digest}"));
        Assert.Empty(await LinesAsync("tags", name));
        Assert.EndsWith("there is no such tag", (await BlobsCommand.RunAsync("delete", $"{name}:1")).ExpectRefusal(), StringComparison.Ordinal);
        Assert.EndsWith(
            "there is no such manifest", (await BlobsCommand.RunAsync("delete", $"{name}@{digest}")).ExpectRefusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_tags_cannot_be_deleted_everything_stays()
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, isOurs: false);
        string layout = await LayoutAsync(temporary);
        string name = $"{registry.Address}/{Repository}";
        await Skopeo.CopyAsync($"oci:{layout}:1", $"docker://{name}:1");
        string line = (await BlobsCommand.RunAsync("delete", $"{name}:1")).ExpectRefusal();
        Assert.EndsWith("the registry does not delete tags, nothing was deleted", line, StringComparison.Ordinal);
        string digest = Assert.Single(await LinesAsync("digest", $"{name}:1"));
        Assert.Equal([$"Untagged: {name}:1", $"Deleted: {name}@{digest}"], await LinesAsync("delete", $"{name}@{digest}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Referrers_are_listed_with_the_API_and_with_the_fallback_tag(bool isOurs)
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, isOurs);
        string layout = await LayoutAsync(temporary);
        string name = $"{registry.Address}/{Repository}";
        await Skopeo.CopyAsync($"oci:{layout}:1", $"docker://{name}:1");
        string subject = Assert.Single(await LinesAsync("digest", $"{name}:1"));
        string signature = AddReferrer(layout, subject, "signature");
        await BlobsCommand.With("copy", $"oci:{layout}:signature", $"docker://{name}:signature").SucceedAsync();

        string[] expected = [$"{signature} application/x.signature"];
        Assert.Equal(expected, await LinesAsync("referrers", $"{name}:1"));
        Assert.Equal(expected, await LinesAsync("referrers", $"oci:{layout}:1"));
        Assert.Empty(await LinesAsync("referrers", $"{name}:1", "--type", "application/x.other"));
        JsonElement report = (await BlobsCommand.With("referrers", $"{name}:1", "--json").SucceedAsync()).Json;
        Assert.Equal("application/x.signature", report[0].GetProperty("artifactType").GetString());

        string fallback = subject.Replace(':', '-');
        Assert.Equal(!isOurs, (await LinesAsync("tags", name)).Contains(fallback));
        await BlobsCommand.With("delete", $"{name}@{signature}").SucceedAsync();
        Assert.Empty(await LinesAsync("referrers", $"{name}:1"));
    }

    [Fact]
    public async Task Logins_are_shared_with_skopeo_and_podman()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary, needsLogin: true);
        string ours = temporary["ours.json"];
        string theirs = temporary["theirs.json"];
        await File.WriteAllTextAsync(ours, """{"detachKeys":"ctrl-e,e"}""");
        byte[] password = Encoding.ASCII.GetBytes($"{DockerRegistry.Password}\n");
        Command login = BlobsCommand.With("login", registry.Host, "-u", DockerRegistry.User, "--password-stdin", "--authfile", ours);
        string refused = (await (login with { Input = "wrong"u8.ToArray() }).RunAsync()).ExpectRefusal();
        Assert.Contains("401 unauthorized", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("auths", await File.ReadAllTextAsync(ours), StringComparison.Ordinal);

        Assert.Equal("Login Succeeded\n", (await (login with { Input = password }).SucceedAsync()).Text);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ours));
        Assert.Contains("\"detachKeys\": \"ctrl-e,e\"", await File.ReadAllTextAsync(ours), StringComparison.Ordinal);
        CommandResult known = await new Command(Oracle.Need("podman"), "login", "--authfile", ours, "--get-login", registry.Host).SucceedAsync();
        Assert.Equal(DockerRegistry.User, known.Text.Trim());
        string layout = await LayoutAsync(temporary);
        string image = $"{registry.Host}/{Repository}:1";
        await Skopeo.CopyAsync($"oci:{layout}:1", $"docker://{image}", "--authfile", ours);

        string[] asTheirs = ["login", "--tls-verify=false", "--authfile", theirs, "-u", DockerRegistry.User, "--password-stdin", registry.Host];
        await (new Command(Oracle.Need("skopeo"), asTheirs) with { Input = password }).SucceedAsync();
        Assert.Single(await LinesAsync("digest", image, "--authfile", theirs));
        Assert.Equal([$"Removed the login to {registry.Host}"], await LinesAsync("logout", registry.Host, "--authfile", theirs));
        Assert.Equal([$"Not logged in to {registry.Host}"], await LinesAsync("logout", registry.Host, "--authfile", theirs));
        Assert.Contains(
            "no credentials", (await BlobsCommand.RunAsync("digest", image, "--authfile", theirs)).ExpectRefusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_is_pulled_from_first_and_left_when_it_fails()
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess mirror = await StartAsync(temporary, isOurs: true);
        string layout = await LayoutAsync(temporary);
        await Skopeo.CopyAsync($"oci:{layout}:1", $"docker://{mirror.Address}/hub/{Repository}:1");
        string gone = $"127.0.0.1:{FreePort.Find()}";

        // The registry is not there; its mirror is.
        await BlobsCommand.With(
            "pull", $"{gone}/{Repository}:1", "--root", temporary["a"], "--mirror", $"{gone}=http://{mirror.Address}/hub").SucceedAsync();

        // The mirror is not there; the registry is.
        await BlobsCommand.With(
            "pull", $"{mirror.Address}/hub/{Repository}:1", "--root", temporary["b"], "--mirror", $"{mirror.Address}=http://{gone}").SucceedAsync();
    }

    private static Task<RegistryProcess> StartAsync(TemporaryRoot temporary, bool isOurs) => isOurs
        ? RegistryProcess.OursAsync(temporary, temporary["store"])
        : RegistryProcess.ReferenceAsync(temporary, temporary["store"]);

    private static async Task<string[]> LinesAsync(params string[] arguments) =>
        (await BlobsCommand.With(arguments).SucceedAsync()).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string> SkopeoDigestAsync(string image) =>
        Sha256Text.Of((await Skopeo.InspectAsync(image, "--raw")).Output);

    private static async Task<string> LayoutAsync(TemporaryRoot temporary)
    {
        string archive = temporary["image.tar"];
        DockerArchive.Write(archive, "twin:latest", [LayerFiles.Write(temporary, "base.tar", BaseLayer.Build())], "/bin/sh");
        string layout = temporary["layout"];
        await Skopeo.CopyAsync($"docker-archive:{archive}", $"oci:{layout}:1");
        return layout;
    }

    // An artifact with a subject, as an entry of the layout's index.
    private static string AddReferrer(string layout, string subject, string name)
    {
        string config = AddBlob(layout, "{}"u8.ToArray());
        byte[] manifest = Encoding.ASCII.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/x.{{name}}",
            "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{{config}}","size":2},"layers":[],
            "subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{subject}}","size":1} }
            """);
        string digest = AddBlob(layout, manifest);
        string file = Path.Combine(layout, "index.json");
        string entry =
            $$"""
            ,{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{digest}}","size":{{manifest.Length}},
            "annotations":{"org.opencontainers.image.ref.name":"{{name}}"} }]
            """;
        string index = File.ReadAllText(file);
        int end = index.LastIndexOf(']');
        File.WriteAllText(file, index[..end] + entry + index[(end + 1)..]);
        return digest;
    }

    private static string AddBlob(string layout, byte[] content)
    {
        string digest = Sha256Text.Of(content);
        File.WriteAllBytes(Path.Combine(layout, "blobs", "sha256", digest["sha256:".Length..]), content);
        return digest;
    }
}
