using System.Runtime.Versioning;
using System.Text;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Distribution.Verification;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using Blobs.Transfer;
using Blobs.Verification;

namespace Blobs.Tests.Docker.Verification;

/// <summary>Unreadable files are neither wrong nor missing. To make a file unreadable even for root, it becomes a
/// symbolic link to itself.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnreadableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    private string Root => _folder["root"];

    public static TheoryData<string, string> Files
    {
        get
        {
            var files = new TheoryData<string, string>();
            foreach (string driver in (string[])["overlay2", "overlay", "vfs"])
            {
                string layers = $"image/{driver}/layerdb/sha256/*";
                foreach (string file in (string[])["diff", "size", "cache-id", "parent", "tar-split.json.gz", ""])
                {
                    files.Add(driver, $"{layers}/{file}");
                }

                files.Add(driver, $"image/{driver}/imagedb/content/sha256/*");
                files.Add(driver, $"image/{driver}/imagedb/content/sha256");
                files.Add(driver, $"image/{driver}/repositories.json");
            }

            files.Add("overlay2", "overlay2/*/link");
            files.Add("overlay2", "overlay2/*/lower");
            files.Add("overlay2", "overlay2/*/diff");
            files.Add("vfs", "vfs/dir/*");
            return files;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_of_a_root_that_cannot_be_read_is_not_called_wrong(string driver, string pattern)
    {
        await LoadAsync(driver);
        string path = Only(pattern);
        using (new Loop(_folder["aside"], path))
        {
            VerifyReport report = await RootVerifier.RunAsync(Root);
            Assert.Empty(report.Findings);
            Assert.Contains(report.Failures, failure => failure.Why.Contains("too many levels of symbolic links", StringComparison.OrdinalIgnoreCase));
        }

        VerifyReport again = await RootVerifier.RunAsync(Root);
        Assert.Empty(again.Findings);
        Assert.Empty(again.Failures);
    }

    [Fact]
    public async Task A_directory_where_a_file_belongs_is_wrong()
    {
        await LoadAsync("overlay2");
        string file = Only("image/overlay2/imagedb/content/sha256/*");
        File.Delete(file);
        string recording = Path.Combine(Only("image/overlay2/layerdb/sha256/*"), "tar-split.json.gz");
        File.Delete(recording);
        Directory.CreateDirectory(recording);
        VerifyReport report = await RootVerifier.RunAsync(Root);
        Assert.Contains(report.Findings, finding => finding.Path == Path.GetRelativePath(Root, recording)
            && finding.Problem.Contains("is a directory", StringComparison.Ordinal));
        Assert.Empty(report.Failures);
    }

    [Fact]
    public async Task A_layer_that_could_not_be_read_is_not_recorded_as_right()
    {
        await LoadAsync("overlay2");
        var options = new VerifyOptions { StateFile = _folder["state"] };
        using (new Loop(_folder["aside"], Only("overlay2/*/diff")))
        {
            Assert.NotEmpty((await RootVerifier.RunAsync(Root, options)).Failures);
        }

        Assert.Equal(1, (await RootVerifier.RunAsync(Root, options)).Resumed);
    }

    [Theory]
    [InlineData("blobs/sha256/*/*/data")]
    [InlineData("blobs/sha256/*/*")]
    [InlineData("blobs/sha256")]
    [InlineData("repositories/a/_manifests/tags/latest/current/link")]
    [InlineData("repositories/a/_manifests/revisions/sha256/*/link")]
    [InlineData("repositories/a/_manifests/revisions")]
    [InlineData("repositories/a/_layers/sha256/*/link")]
    public async Task A_file_of_a_store_that_cannot_be_read_is_not_called_wrong(string pattern)
    {
        await PushAsync();
        using (new Loop(_folder["aside"], Only($"docker/registry/v2/{pattern}")))
        {
            VerifyReport report = await StoreVerifier.RunAsync(Root);
            Assert.Empty(report.Findings);
            Assert.NotEmpty(report.Failures);
        }

        Assert.Empty((await StoreVerifier.RunAsync(Root)).Failures);
    }

    [Theory]
    [InlineData("repositories/a/_manifests/revisions/sha256/*/link")]
    [InlineData("repositories/a/_manifests/revisions/sha256/*")]
    [InlineData("repositories/a/_manifests/revisions")]
    [InlineData("repositories/a/_manifests")]
    [InlineData("repositories/a/_layers")]
    [InlineData("repositories")]
    public async Task Nothing_is_collected_when_garbage_cannot_be_determined(string pattern)
    {
        await PushAsync();
        string[] before = _folder.Listing();
        using (new Loop(_folder["aside"], Only($"docker/registry/v2/{pattern}")))
        {
            await Assert.ThrowsAnyAsync<Exception>(CollectAsync);
        }

        Assert.Equal(before, ListingWithoutRecords());
    }

    [Fact]
    public async Task A_link_to_a_needed_blob_stays_although_it_cannot_be_read()
    {
        await PushAsync();
        string[] before = _folder.Listing();
        using (new Loop(_folder["aside"], Only("docker/registry/v2/repositories/a/_layers/sha256/*/link")))
        {
            // Its folder says which blob it is about.
            await CollectAsync();
        }

        Assert.Equal(before, ListingWithoutRecords());
    }

    [Theory]
    [InlineData("image/overlay2/layerdb/sha256/*/parent")]
    [InlineData("image/overlay2/layerdb/sha256/*/cache-id")]
    [InlineData("image/overlay2/layerdb/sha256/*/size")]
    [InlineData("image/overlay2/imagedb/content/sha256/*")]
    [InlineData("image/overlay2/imagedb/content/sha256")]
    [InlineData("image/overlay2/repositories.json")]
    public async Task Neither_lists_nor_removals_nor_loads_take_it_for_missing(string pattern)
    {
        DockerRoot root = await LoadAsync("overlay2");
        string[] before = _folder.Listing();
        using (new Loop(_folder["aside"], Only(pattern)))
        {
            await RefusesAsync(() => Task.FromResult<object>(root.Images.Images().ToArray()), isNames: pattern.EndsWith(".json", StringComparison.Ordinal));
            await RefusesAsync(async () => await root.RemoveImageAsync("sample:1"));
            await RefusesAsync(async () => await root.PruneLayersAsync(), isNames: pattern.EndsWith(".json", StringComparison.Ordinal));
            await RefusesAsync(async () => await LoadAsync("overlay2"));
        }

        Assert.Equal(before, _folder.Listing());
        Assert.Empty((await RootVerifier.RunAsync(Root)).Findings);
        Assert.Single(root.Images.Images());

        static async Task RefusesAsync(Func<Task<object>> work, bool isNames = false)
        {
            if (isNames)
            {
                // Names are nothing that this looks at.
                await work();
                return;
            }

            Exception fault = await Assert.ThrowsAnyAsync<Exception>(work);
            Assert.True(Errno.IsTrouble(fault), $"{fault}");
        }
    }

    [Fact]
    public async Task A_driver_directory_stays_when_a_name_cannot_be_read()
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("one");
        Layer above = await fixture.AddAsync("two", layer.ChainId);
        string[] before = fixture.List();
        string link = Directory.GetFileSystemEntries(fixture["overlay2/l"])[0];
        using (new Loop(fixture["../aside"], RootPaths.CacheIdFile(Path.Combine(fixture.Layers, above.ChainId.Hex))))
        {
            Exception fault = await Assert.ThrowsAnyAsync<Exception>(() => fixture.Reopen().SweepAsync());
            Assert.True(Errno.IsTrouble(fault), $"{fault}");
        }

        Assert.Equal(before, fixture.List());
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(40)]
    [InlineData(116)]
    public void Some_error_numbers_say_nothing_about_the_file(int errno)
    {
        Assert.True(Errno.IsTrouble(Errno.Error("open", errno, "x")));
        Assert.False(Errno.IsMissing(errno));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void Two_error_numbers_mean_that_nothing_exists(int errno)
    {
        Assert.True(Errno.IsMissing(errno));
        Assert.False(Errno.IsTrouble(errno));
    }

    private async Task<DockerRoot> LoadAsync(string driver)
    {
        using var archive = new MemoryStream(SampleImage.Of("one", "two").DockerArchive());
        DockerRoot root = DockerRoot.Open(Root, new DockerRootOptions { Driver = driver });
        await ImageLoader.LoadAsync(archive, "archive", root);
        return root;
    }

    private Task<CollectionReport> CollectAsync() =>
        new RegistryCollector(new FileSystemStorage(Root)).RunAsync(new CollectionOptions { MinimumAge = TimeSpan.Zero });

    // Collectors leave their lock and the number of their last run.
    private string[] ListingWithoutRecords() =>
        [.. _folder.Listing().Where(path => !path.Contains("docker/registry/v2/gc", StringComparison.Ordinal))];

    private async Task PushAsync()
    {
        var store = new RegistryStore(new FileSystemStorage(Root, new FileSystemStorageOptions { Durability = Durability.None }));
        byte[] config = "{}"u8.ToArray();
        RegistryUpload upload = await store.BeginUploadAsync("a");
        await upload.AppendAsync(System.IO.Pipelines.PipeReader.Create(new MemoryStream(config)));
        await upload.CommitAsync(Digest.OfSha256(config));
        string manifest =
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.OfSha256(config)}}","size":2},"layers":[]}""";
        await store.PutManifestAsync("a", "latest", null, Encoding.UTF8.GetBytes(manifest), null);
    }

    // The first that matches, one name for each star.
    private string Only(string pattern)
    {
        string path = Root;
        string[] parts = pattern.TrimEnd('/').Split('/');
        for (int i = 0; i < parts.Length; i++)
        {
            string rest = string.Join('/', parts[(i + 1)..]);
            path = parts[i] != "*"
                ? Path.Combine(path, parts[i])
                : Directory.GetFileSystemEntries(path).Order(StringComparer.Ordinal)
                    .First(entry => rest.Length == 0 || rest.Contains('*', StringComparison.Ordinal) || Path.Exists(Path.Combine(entry, rest)));
        }

        return path;
    }

    // A link to itself in place of something, until it is disposed.
    private sealed class Loop : IDisposable
    {
        private readonly string _aside;
        private readonly string _path;

        public Loop(string aside, string path)
        {
            _aside = aside;
            _path = path;
            Directory.Move(path, aside);
            File.CreateSymbolicLink(path, path);
        }

        public void Dispose()
        {
            File.Delete(_path);
            Directory.Move(_aside, _path);
        }
    }
}
