using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Layers and archives as other people have them, held against tar-split and a real engine.</summary>
[Collection(EngineCollection.Name)]
public sealed class OddLayerSpecs
{
    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task A_directory_that_is_named_again_is_read_from_our_store_by_everybody(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "layer.tar", new TarBuilder()
            .Add(new TarMember("a/", '5') { Mode = 0b111_000_000, Uid = 5, ModifiedSeconds = 100 })
            .Add(new TarMember("a/f") { Content = "hello"u8.ToArray() })
            .Add(new TarMember("./a", '5') { Mode = 0b111_101_101, ModifiedSeconds = 200 })
            .Add(new TarMember("a/.wh..wh..opq"))
            .Add(new TarMember("a/g") { Content = "more"u8.ToArray() })
            .Add(new TarMember("a/./", '5') { Mode = 0b111_001_001, Gid = 7, ModifiedSeconds = 300 })
            .ToArray());
        string root = temporary["root"];
        DockerArchive.Write(temporary["image.tar"], "twice:1", [layer], "/bin/sh");
        await BlobsCommand.With("load", temporary["image.tar"], "--root", root, "--driver", driver, "--quiet").SucceedAsync();
        CommandResult verified = await BlobsCommand.With("verify", "--root", root).RunAsync();
        Assert.True(verified.ExitCode == 0, verified.Text);

        string metadata = Directory.GetDirectories(Path.Combine(root, "image", driver, "layerdb/sha256")).Single();
        string tree = Path.Combine(root, driver, await File.ReadAllTextAsync(Path.Combine(metadata, "cache-id")), driver == "overlay2" ? "diff" : "root");
        await new Command(
            Oracle.Need("tar-split"), "asm", "--input", Path.Combine(metadata, "tar-split.json.gz"), "--path", tree, "--output", temporary["asm.tar"]).SucceedAsync();
        Assert.Equal(Sha256Text.OfFile(layer), Sha256Text.OfFile(temporary["asm.tar"]));

        await using Dockerd engine = await Dockerd.StartAsync(temporary, root, driver);
        await engine.RunAsync("save", "--output", temporary["saved.tar"], "twice:1");
        Assert.Equal([Sha256Text.OfFile(layer)], DockerArchive.LayerDigests(temporary["saved.tar"]));
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("vfs")]
    public async Task What_the_kernel_refused_an_engine_is_not_called_wrong(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "layer.tar", new TarBuilder().AddRange(Odd()).ToArray());
        string again = LayerFiles.Write(temporary, "again.tar", new TarBuilder()
            .Add(new TarMember("directory/", '5') { Mode = 0b111_000_000, Records = [("uid", "-1"u8.ToArray()), ("gid", "4294967295"u8.ToArray())] }).ToArray());
        DockerArchive.Write(temporary["image.tar"], "odd:1", [layer, again], "/bin/sh");
        string root = temporary["root"];
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            await engine.RunAsync("load", "--input", temporary["image.tar"]);
        }

        await BlobsCommand.With("load", temporary["image.tar"], "--root", temporary["ours"], "--driver", driver, "--quiet").SucceedAsync();
        foreach (string store in (string[])[root, temporary["ours"]])
        {
            CommandResult verified = await BlobsCommand.With("verify", "--root", store).RunAsync();
            Assert.True(verified.ExitCode == 0, verified.Text);
        }
    }

    [Fact]
    public async Task An_archive_from_before_manifests_has_the_engines_ids()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        const string Run = """{"Hostname":"a","Memory":0,"PortSpecs":null,"Env":["A=<1>"],"Cmd":["/bin/sh","-c","x & y"]}""";
        byte[] bottom = new TarBuilder().Add(new TarMember("one") { Content = [1] }).ToArray();
        byte[] top = new TarBuilder().Add(new TarMember("two") { Content = [2] }).ToArray();
        var archive = new TarBuilder();
        (string Id, string Json, byte[] Layer)[] layers =
        [
            ("a", $$"""{"id":"a","created":"2014-10-01T20:46:08.910Z","container_config":{{Run}},"config":{{Run}},"docker_version":"1.2.0","architecture":"amd64","os":"linux","Size":1}""", bottom),
            ("b", $$"""{"id":"b","parent":"a","created":"2014-10-01T20:46:08Z","container_config":{{Run}},"docker_version":"1.6.2","os":"linux","unknown":1}""", LayerFiles.Gzip(top)),
            ("c", $$"""{ "id":"c", "parent":"a", "created":"2014-10-01T20:46:08Z", "config":{{Run}}, "docker_version":"1.9.1", "os":"linux", "unknown": { "z": 1.50, "a":"<" }, "Size":3 }""", top),
        ];
        foreach ((string id, string json, byte[] layer) in layers)
        {
            archive.Add(new TarMember($"{id}/", '5') { Mode = 0b111_101_101 })
                .Add(new TarMember($"{id}/VERSION") { Content = "1.0"u8.ToArray() })
                .Add(new TarMember($"{id}/json") { Content = Encoding.UTF8.GetBytes(json) })
                .Add(new TarMember($"{id}/layer.tar") { Content = layer });
        }

        archive.Add(new TarMember("repositories") { Content = """{"old":{"latest":"b","1":"b","base":"a"},"reg:5000/new":{"1":"c"}}"""u8.ToArray() });
        string path = LayerFiles.Write(temporary, "old.tar", archive.ToArray());
        string theirs = temporary["theirs"];
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, theirs))
        {
            await engine.RunAsync("load", "--input", path);
        }

        string ours = temporary["ours"];
        await BlobsCommand.With("load", path, "--root", ours, "--quiet").SucceedAsync();
        const string Image = "image/overlay2";
        string[] Ids(string root) => [.. Directory.GetFiles(Path.Combine(root, Image, "imagedb/content/sha256")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(3, Ids(theirs).Length);
        Assert.Equal(Ids(theirs), Ids(ours));
        Assert.Equal(
            JsonSerializer.Serialize(Names(theirs)), JsonSerializer.Serialize(Names(ours)));

        SortedDictionary<string, SortedDictionary<string, string>> Names(string root) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, Image, "repositories.json")))
            .RootElement.GetProperty("Repositories").Deserialize<SortedDictionary<string, SortedDictionary<string, string>>>()!;
    }

    [Theory]
    [InlineData("xz", "--check=crc32")]
    [InlineData("xz", "--check=sha256")]
    [InlineData("xz", "--block-size=100000")]
    [InlineData("xz", "-9e")]
    [InlineData("bzip2", "-1")]
    [InlineData("bzip2", "-9")]
    public async Task What_xz_and_bzip2_write_is_read(string program, string option)
    {
        Oracle.Need(program);
        await using var temporary = new TemporaryRoot();
        byte[] noise = new byte[900_000];
        new Random(1).NextBytes(noise.AsSpan(300_000));
        string layer = LayerFiles.Write(temporary, "layer.tar", new TarBuilder().Add(new TarMember("noise") { Content = noise }).ToArray());
        string digest = Sha256Text.OfFile(layer);
        byte[] whole = (await new Command(program, "-k", "-c", option, layer).SucceedAsync()).Output;
        string blob = LayerFiles.Write(temporary, "layer", [.. whole, .. (await new Command(program, "-k", "-c", layer).SucceedAsync()).Output]);
        Assert.Equal(digest, (await BlobsCommand.With("hash", LayerFiles.Write(temporary, "once", whole), "--json").SucceedAsync()).Json.GetProperty("diffId").GetString());
        await BlobsCommand.With("hash", blob, "--json").SucceedAsync();
        string line = (await BlobsCommand.RunAsync("hash", LayerFiles.Write(temporary, "junk", [.. whole, .. "junk"u8]))).ExpectRefusal();
        Assert.Contains($"ends at byte {whole.Length}; 4 bytes follow that are not a stream: 6a756e6b", line, StringComparison.Ordinal);
    }

    // From where the runtime starts to where nothing is missing any more: never is anything called wrong.
    [Fact]
    public async Task Handles_that_run_out_make_nothing_wrong()
    {
        Oracle.NeedRoot();
        Oracle.NeedNative();
        await using var temporary = new TemporaryRoot();
        string prlimit = Oracle.Need("prlimit");
        string root = await LoadedAsync(temporary);
        int unreadable = 0;
        for (int handles = 20; handles < 90; handles++)
        {
            CommandResult result = await new Command(prlimit, [$"--nofile={handles}", BlobsCommand.Native, "verify", "--root", root, "--json"]).RunAsync();
            if (result.Text.StartsWith('{'))
            {
                Assert.True(result.Json.GetProperty("findings").GetArrayLength() == 0, $"{handles} handles: {result.Text}");
                int failures = result.Json.GetProperty("failures").GetArrayLength();
                Assert.Equal(failures > 0 ? 1 : 0, result.ExitCode);
                unreadable += failures;
            }
        }

        Assert.True(unreadable > 0, "everything could be read");
    }

    [Theory]
    [InlineData("openat", "EMFILE")]
    [InlineData("openat", "EIO")]
    [InlineData("openat", "ENOMEM")]
    [InlineData("openat2", "ENFILE")]
    [InlineData("openat2", "EACCES")]
    [InlineData("read", "EIO")]
    [InlineData("statx", "EACCES")]
    [InlineData("statx", "ELOOP")]
    [InlineData("getdents64", "EIO")]
    [InlineData("lgetxattr", "EIO")]
    [InlineData("readlinkat", "EIO")]
    public async Task What_the_kernel_does_not_give_is_not_called_wrong(string call, string errno)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = await LoadedAsync(temporary);
        string[] files = Directory.GetFileSystemEntries(root, "*", SearchOption.AllDirectories);
        string[] watched = [.. files.Where((_, index) => index % 3 == 0).SelectMany(file => new[] { "-P", file })];
        CommandResult result = await new Command(
            Oracle.Need("strace"),
            [
                "-f", "-qq", .. watched, "-e", $"trace={call}", "-e", "signal=none", "-e", $"inject={call}:error={errno}:when=2+3", "-o", "/dev/null",
                BlobsCommand.Native, "verify", "--root", root, "--json",
            ]).RunAsync();
        if (result.Text.StartsWith('{'))
        {
            Assert.True(result.Json.GetProperty("findings").GetArrayLength() == 0, result.Text);
            Assert.Equal(result.Json.GetProperty("failures").GetArrayLength() > 0 ? 1 : 0, result.ExitCode);
        }
        else
        {
            result.ExpectRefusal();
        }

        await BlobsCommand.With("verify", "--root", root).SucceedAsync();
    }

    private static async Task<string> LoadedAsync(TemporaryRoot temporary)
    {
        string layer = LayerFiles.Write(temporary, "layer.tar", new TarBuilder()
            .AddRange(Enumerable.Range(0, 40).SelectMany(number => (TarMember[])[
                new TarMember($"d{number}/", '5') { Mode = 0b111_101_101 },
                new TarMember(string.Create(CultureInfo.InvariantCulture, $"d{number}/file")) { Content = [1, 2], Attributes = [("user.name", [1])] },
                new TarMember($"d{number}/link", '2') { Link = "file"u8.ToArray() },
            ])).ToArray());
        DockerArchive.Write(temporary["image.tar"], "image:1", [layer], "/bin/sh");
        await BlobsCommand.With("load", temporary["image.tar"], "--root", temporary["root"], "--quiet").SucceedAsync();
        return temporary["root"];
    }

    private static IEnumerable<TarMember> Odd()
    {
        byte[] list = Acl((1, 7), (2, 7), (4, 5), (16, 7), (32, 0));
        byte[] basic = Acl((1, 6), (4, 4), (32, 4));
        byte[] other = [1, .. list[1..]];
        (string Name, byte[] Value)[] attributes =
        [
            ("none", [1]), ("unknown.x", [1]), ("com.apple.quarantine", [1]), ("system.nfs4_acl", [1]), ("user.x", [1]), ("trusted.x", [1]), ("security.x", [1]),
        ];
        foreach ((string name, char type) in ((string, char)[])[("file", '0'), ("directory/", '5'), ("link", '2'), ("fifo", '6')])
        {
            byte[] link = type == '2' ? "x"u8.ToArray() : [];
            yield return new TarMember(name, type) { Mode = 0b110_100_000, Attributes = attributes, Link = link };
            foreach ((string kind, byte[] value) in ((string, byte[])[])[("list", list), ("basic", basic), ("other", other), ("empty", Acl())])
            {
                yield return new TarMember($"{kind}-{name}", type) { Mode = 0b110_100_000, Attributes = [("system.posix_acl_access", value)], Link = link };
            }

            foreach (string id in (string[])["-1", "4294967295", "-2", "-2147483648", "4294967294"])
            {
                yield return new TarMember($"id{id}-{name}", type) { Link = link, Records = [("uid", Encoding.ASCII.GetBytes(id)), ("gid", "6"u8.ToArray())] };
            }
        }
    }

    private static byte[] Acl(params (ushort Tag, ushort Permissions)[] entries)
    {
        byte[] acl = new byte[4 + (8 * entries.Length)];
        acl[0] = 2;
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = acl.AsSpan(4 + (8 * i));
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[i].Tag == 2 ? 5 : uint.MaxValue);
        }

        return acl;
    }
}
