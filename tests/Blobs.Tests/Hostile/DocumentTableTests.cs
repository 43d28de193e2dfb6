using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Errors;
using Blobs.Fuzz.Targets;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;
using Blobs.Verification;

namespace Blobs.Tests.Hostile;

/// <summary>
/// Absent, null and mistyped members: what Go reads is read, and goes through the code behind inspect, create, add, commit, save, copy and
/// push; what Go refuses is refused, naming the member, and found by <c>verify</c>.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DocumentTableTests : IDisposable
{
    private const string Id = "91ce2be79bbd3f993f7aa43ff6233cf39e47801e220706bc391ee6c179e5cf8f";
    private const string Digest64 = $"sha256:{Id}";

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 10_000 };

    // Each with everything in it that a path of the table leads through.
    private static readonly Dictionary<string, string> Documents = new()
    {
        ["config"] =
            $$$"""
            {"architecture":"amd64","os":"linux","config":{"Cmd":["/run"],"Healthcheck":{"Test":["CMD","x"]}},"container_config":{},
            "history":[{"created_by":"x"}],"rootfs":{"type":"layers","diff_ids":["{{{DiffId.Empty}}}"]}}
            """,
        ["manifest"] =
            $$$"""
            {"schemaVersion":2,"config":{"digest":"{{{Digest64}}}","size":2},"layers":[{"digest":"{{{Digest64}}}","size":3}],
            "subject":{"digest":"{{{Digest64}}}","size":4}}
            """,
        ["index"] = $$$"""{"schemaVersion":2,"manifests":[{"digest":"{{{Digest64}}}","size":2,"platform":{"os":"linux"}}]}""",
        ["archive"] = """[{"Config":"c","Layers":["l"]}]""",
        ["oci-layout"] = "{}",
        ["repositories"] = "{}",
        ["sources"] = $$"""[{"Digest":"{{Digest64}}"}]""",
        ["container"] =
            $$$$$"""
            {"ID":"{{{{{Id}}}}}","Driver":"overlay2","State":{"Health":{"Log":[{}]}},"Config":{},"NetworkSettings":{"Networks":{"n":{}}}}
            """,
        ["hostconfig"] = """{"LogConfig":{},"RestartPolicy":{}}""",
        ["logins"] = """{"auths":{"h":{}}}""",
        ["helper"] = "{}",
        ["token"] = "{}",
        ["errors"] = """{"errors":[{}]}""",
        ["list"] = "{}",
    };

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        foreach ((string document, string member, string type) in DocumentTable.Rows)
        {
            rows.Add(document, member, type);
        }

        return rows;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_member_is_read_as_Go_reads_it(string document, string member, string type)
    {
        IEnumerable<string?> none = type == "digest" ? [] : [null, "null"];
        foreach (string? value in none.Concat(DocumentTable.Taken(type)))
        {
            Use(document, With(document, member, value));
        }

        foreach (string value in DocumentTable.Refused(type))
        {
            BlobsException fault = Assert.ThrowsAny<BlobsException>(() => Use(document, With(document, member, value)));
            Assert.True(
                type == "version" || fault.Message.Contains(member.Split('/')[^1], StringComparison.Ordinal), $"{value}: {fault.Message}");
        }
    }

    [Fact]
    public void Members_match_in_any_case_and_the_last_of_several_counts()
    {
        ImageConfig config = Config(
            """
            "OS":"windows","os":"linux","Created":"2020-01-01T00:00:00Z","config":{"cmd":["a"],"Labels":{"a":"1","b":"2"}},
            "CONFIG":{"CMD":"b","labels":{"b":null,"c":"3"},"tty":true,"Tty":null,"env":["A=1"],"Env":null}
            """);
        Assert.Equal("linux", config.Platform.Os);
        Assert.Equal("2020-01-01T00:00:00Z", config.Created);
        Assert.Equal(["b"], config.Config.Cmd);

        // Objects of one name are one; null empties what may be nil, and leaves everything else.
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["b"] = "", ["c"] = "3" }, config.Config.Labels);
        Assert.True(config.Config.Tty);
        Assert.Null(config.Config.Env);
    }

    [Fact]
    public void The_long_s_and_the_sign_of_Kelvin_are_letters_of_a_name() =>
        Assert.Equal("linux", Config("\"o\u017f\":\"linux\"").Platform.Os);

    [Fact]
    public void A_document_may_be_as_deep_as_Go_reads() =>
        Assert.Equal("linux", Config($"\"os\":\"linux\",\"x\":{new string('[', 5000)}{new string(']', 5000)}").Platform.Os);

    [Fact]
    public void An_empty_variant_is_none() => Assert.Equal(
        "linux/amd64", $"{Config("\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"\"").Platform}");

    [Fact]
    public void Members_that_stand_twice_stay_when_a_container_is_mounted()
    {
        byte[] config = Encoding.UTF8.GetBytes(
            $$"""{"ID":"{{Id}}","driver":"overlay2","Driver":null,"Config":{"Tty":true},"config":{"Cmd":["a"]},"logpath":""}""");
        byte[] noted = StartFiles.WithPaths(config, "config.v2.json", new Dictionary<string, string> { ["LogPath"] = "/log" });
        Container container = ContainerStore.Read(noted, "config.v2.json", Id, "overlay2")!;
        Assert.True(container.Config.Tty);
        Assert.Equal(["a"], container.Config.Cmd);
        Assert.EndsWith(""","LogPath":"/log"}""", Encoding.UTF8.GetString(noted), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_says_where_it_is_what_is_there_and_what_was_expected()
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => Config("\"history\":[{},{\"created_by\":[]}]"));
        Assert.Equal("image config: $.history[1].created_by: is a list, expected a string (at byte 104)", fault.Message.Replace(
            $"{fault.Offset}", "104", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_names_each_config_that_an_engine_would_not_list()
    {
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        await ImageLoader.LoadAsync(new MemoryStream(SampleImage.Of("one").DockerArchive()), "archive", root);
        string contents = Path.Combine(root.Path, "image/vfs/imagedb/content/sha256");
        var refused = new List<string>();
        foreach ((string document, string member, string type) in DocumentTable.Rows.Where(row => row.Document == "config"))
        {
            foreach (string value in DocumentTable.Refused(type))
            {
                byte[] config = With(document, member, value);
                refused.Add(Path.Combine(contents, Digest.OfSha256(config).Hex));
                await File.WriteAllBytesAsync(refused[^1], config);
            }
        }

        VerifyReport report = await RootVerifier.RunAsync(root.Path);
        Assert.Empty(refused.Except(report.Findings.Select(finding => Path.Combine(root.Path, finding.Path))));
        Assert.Single(root.List());
    }

    [Fact]
    public async Task An_image_with_nulls_everywhere_is_loaded_inspected_and_saved()
    {
        byte[] layer = SampleImage.Layer("one");
        string nulls = string.Join(',', DocumentTable.Rows
            .Where(row => row is { Document: "config" } && !row.Member.Contains('/', StringComparison.Ordinal) && row.Member is not "os")
            .Select(row => $"\"{row.Member}\":null"));
        string config = $$"""{"os":"linux","rootfs":{"type":null,"diff_ids":["{{Digest.OfSha256(layer)}}"]},{{nulls}}}""";
        byte[] archive = Archive.Of(
            Archive.File("l", layer),
            Archive.File("c", config),
            Archive.File("manifest.json", """[{"Config":"c","RepoTags":["nulls:1"],"Layers":["l"],"Parent":null,"LayerSources":null}]"""));
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        await ImageLoader.LoadAsync(new MemoryStream(archive), "archive", root);
        Image image = root.Find("nulls:1");
        using (var inspected = JsonDocument.Parse(root.Inspect(image)))
        {
            Assert.Equal(JsonValueKind.Null, inspected.RootElement.GetProperty("Config").ValueKind);
            Assert.Equal("0001-01-01T00:00:00Z", inspected.RootElement.GetProperty("Created").GetString());
        }

        await ImageCopier.CopyAsync(
            ImagePlace.Parse($"docker-data:{root.Path}//nulls:1"), ImagePlace.Parse($"docker-archive:{_folder["saved.tar"]}"));
        Assert.Empty((await RootVerifier.RunAsync(root.Path)).Findings);
    }

    private static byte[] With(string document, string member, string? value)
    {
        string[] path = member.Split('/');
        JsonNode root = JsonNode.Parse(Documents[document])!;
        JsonNode parent = path[..^1].Aggregate(root, (node, name) => node is JsonArray list ? list[int.Parse(name)]! : node[name]!);
        JsonNode? inserted = value is null ? null : JsonValue.Create("@");
        if (parent is JsonArray elements)
        {
            elements[int.Parse(path[^1])] = inserted;
        }
        else if (value is null)
        {
            parent.AsObject().Remove(path[^1]);
        }
        else
        {
            parent[path[^1]] = inserted;
        }

        // As it stands in the table: the framework would not write every value.
        return Encoding.UTF8.GetBytes(root.ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal));
    }

    private static ImageConfig Config(string members) =>
        ImageConfig.Parse(Encoding.UTF8.GetBytes(
            $"{{\"rootfs\":{{\"diff_ids\":[\"{DiffId.Empty}\",\"{DiffId.Empty}\"]}},{members}}}"));

    private static void Use(string document, byte[] json)
    {
        using JsonDocument parsed = JsonDocument.Parse(json, Deep);
        switch (document)
        {
            case "config":
                DocumentUses.Of(ImageConfig.Parse(json));
                break;
            case "manifest" or "index":
                DocumentUses.Of(Manifest.Parse(json));
                break;
            case "archive":
                DockerManifestItem.Parse(new Files(), json);
                break;
            case "oci-layout":
                OciLayout.TryRead(
                    new Files
                    {
                        [OciLayout.LayoutName] = json,
                        [OciLayout.IndexName] = """{"schemaVersion":2,"manifests":null}"""u8.ToArray(),
                    },
                    Limits.Default);
                break;
            case "repositories":
                NameTable.Parse(NameTable.Parse(json, "repositories.json").ToJson(), "repositories.json");
                break;
            case "sources":
                DistributionStore.Parse(json);
                break;
            case "container":
                DocumentUses.Of(ContainerStore.Read(json, "config.v2.json", Id, "overlay2")!, json, "{}"u8.ToArray());
                break;
            case "hostconfig":
                ContainerJson.CheckHostConfig(json, "hostconfig.json");
                break;
            case "logins":
                ClientJson.Read(json, DockerConfigJson.Read, document, Fault.CredentialSyntax);
                break;
            case "helper":
                ClientJson.Read(json, CredentialHelperJson.Read, document, Fault.CredentialSyntax);
                break;
            case "token":
                ClientJson.Read(json, TokenJson.Read, document, Fault.RegistryAnswer);
                break;
            case "errors":
                ClientJson.Read(json, RegistryErrorsJson.Read, document, Fault.RegistryAnswer);
                break;
            case "list":
                ClientJson.Read(json, ListJson.Read, document, Fault.RegistryAnswer);
                break;
            default:
                throw new ArgumentException(document);
        }
    }

    private sealed class Files : Dictionary<string, byte[]>, IArchiveFiles
    {
        public string Origin => "archive";

        public Stream? TryOpen(string name, out long length)
        {
            byte[]? content = this.GetValueOrDefault(name);
            length = content?.Length ?? 0;
            return content is null ? null : new MemoryStream(content);
        }

        public void Dispose()
        {
        }
    }
}
