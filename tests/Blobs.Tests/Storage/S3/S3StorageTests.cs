using System.Buffers;
using System.Security.Cryptography;
using Amazon.Runtime;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Storage.S3;
using Blobs.Testing;
using Blobs.Tests.Distribution.Storage;

namespace Blobs.Tests.Storage.S3;

/// <summary>Tests a bucket of Ceph's radosgw: the contract of storages, and what only a bucket has.</summary>
public sealed class S3StorageTests : RegistryStorageContract
{
    private const string Repository = "some/image";
    private const string Id = "5f2a3c1e-0000-4000-8000-000000000002";

    private readonly string _prefix = Radosgw.NewPrefix();
    private readonly List<IDisposable> _opened = [];

    public override ValueTask DisposeAsync()
    {
        _opened.ForEach(one => one.Dispose());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_upload_in_many_requests_over_two_gateways_becomes_a_blob()
    {
        byte[] content = RandomNumberGenerator.GetBytes((20 << 20) + 12_345);
        Digest digest = Digest.OfSha256(content);
        await using (await Storage.Uploads.BeginAsync(Repository, Id, new UploadStart(DateTimeOffset.UtcNow)))
        {
        }

        IRegistryStorage[] hosts = [Storage, await OpenAsync(Radosgw.Endpoints[1])];
        int host = 0;
        int[] ends = [3, 1000, 9 << 20, (9 << 20) + 40_000, 17 << 20, content.Length];
        for (int i = 0, start = 0; i < ends.Length; start = ends[i++])
        {
            await using IStoredUpload upload = (await hosts[host++ % 2].Uploads.OpenAsync(Repository, Id))!;
            Assert.Equal(start, upload.Length);
            await upload.AppendAsync(start, new ReadOnlySequence<byte>(content, start, ends[i] - start));
            await upload.SaveAsync(default);
        }

        await using (IStoredUpload last = (await hosts[host % 2].Uploads.OpenAsync(Repository, Id))!)
        {
            Assert.True(await last.PublishAsync(digest));
            Assert.True(await last.PublishAsync(digest));
            await last.CancelAsync();
        }

        Assert.Equal(digest, await HashAsync(digest));
        await AssertNothingButBlobsAsync();
    }

    [Fact]
    public async Task A_host_that_dies_while_it_completes_an_upload_is_followed_by_another()
    {
        byte[] content = RandomNumberGenerator.GetBytes(9 << 20);
        Digest digest = Digest.OfSha256(content);
        await using (IStoredUpload first = await Storage.Uploads.BeginAsync(Repository, Id, new UploadStart(DateTimeOffset.UtcNow)))
        {
            await first.AppendAsync(0, new ReadOnlySequence<byte>(content));
            await first.SaveAsync(default);
            Assert.True(await first.PublishAsync(digest));
        }

        Assert.True(await Storage.Blobs.DeleteAsync(digest));
        await using IStoredUpload again = (await Storage.Uploads.OpenAsync(Repository, Id))!;
        Assert.Equal(content.Length, again.Length);
        await Assert.ThrowsAsync<UploadBusyException>(
            async () => await again.AppendAsync(content.Length, new ReadOnlySequence<byte>(content)));
        Assert.True(await again.PublishAsync(digest));
        await again.CancelAsync();
        Assert.Equal(digest, await HashAsync(digest));
        await AssertNothingButBlobsAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(8 << 20)]
    [InlineData((16 << 20) + 1)]
    public async Task A_blob_in_one_request_goes_straight_to_its_key(int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        Digest digest = Digest.OfSha256(content);
        await using IStoredUpload upload = await Storage.Uploads.BeginAsync(
            Repository, Id, new UploadStart(DateTimeOffset.UtcNow) { Digest = digest, Length = length });
        Assert.Empty((await Storage.Uploads.ListAsync(default)).Items);
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(content));
        Assert.Null(await Storage.Blobs.StatAsync(digest));
        Assert.Empty(await Storage.Uploads.DeleteLostAsync(DateTimeOffset.MaxValue, isDryRun: false));
        Assert.True(await upload.PublishAsync(digest));
        await upload.CancelAsync();
        Assert.Equal(digest, await HashAsync(digest));
        await AssertNothingButBlobsAsync();
    }

    [Fact]
    public async Task A_blob_that_is_there_is_not_written_again()
    {
        byte[] content = RandomNumberGenerator.GetBytes(9 << 20);
        Digest digest = Digest.OfSha256(content);
        await PushAsync(content, digest);
        S3Client client = Client();
        S3Stat? before = await client.StatAsync(Keys().Blob(digest), default);
        await PushAsync(content, digest);
        await PushAsync(content, null);
        Assert.Equal(before, await client.StatAsync(Keys().Blob(digest), default));
        await AssertNothingButBlobsAsync();
    }

    [Fact]
    public async Task An_upload_that_was_given_up_leaves_no_parts_behind()
    {
        byte[] content = RandomNumberGenerator.GetBytes(9 << 20);
        await using (IStoredUpload upload = await Storage.Uploads.BeginAsync(Repository, Id, new UploadStart(DateTimeOffset.UtcNow)))
        {
            await upload.AppendAsync(0, new ReadOnlySequence<byte>(content));
            await upload.SaveAsync(default);
        }

        Assert.Single(await Client().ListPartsAsync(_prefix, default));
        Assert.True(await Storage.Uploads.DeleteAsync(Repository, Id));
        await AssertNothingButBlobsAsync();
    }

    [Fact]
    public async Task Any_number_of_tags_is_listed_in_the_order_of_their_names()
    {
        var random = new Random(17);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        while (names.Count < 700)
        {
            IEnumerable<string> more = Enumerable.Range(0, random.Next(4)).Select(_ => Pick("-", ".", "_", "") + Pick("v", "1", "0", "a", "Z"));
            names.Add(Pick("v", "1", "0", "a", "Z") + string.Concat(more));
        }

        await Parallel.ForEachAsync(names, async (name, token) =>
        {
            Digest digest = Digest.OfSha256("a"u8);
            await Storage.References.TryCreateAsync(RegistryReference.OfTagHistory(Repository, name, digest), digest, token);
            await Storage.References.TryCreateAsync(RegistryReference.OfTag(Repository, name), digest, token);
        });
        foreach (int? count in (int?[])[97, 699, null])
        {
            var found = new List<string>();
            RegistryListing<ListedReference> page;
            do
            {
                page = await Storage.References.ListAsync(Repository, ReferenceKind.Tag, new RegistryPage(count, found.LastOrDefault()));
                found.AddRange(page.Items.Select(tag => tag.Reference.Tag));
            }
            while (page.HasMore);
            Assert.Equal(names, found);
        }

        string Pick(params string[] choices) => choices[random.Next(choices.Length)];
    }

    [Fact]
    public async Task A_directory_that_is_copied_into_a_bucket_is_served()
    {
        string root = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var directory = new RegistryStore(new FileSystemStorage(root));
            await using (RegistryUpload upload = await directory.BeginUploadAsync(Repository))
            {
                await upload.AppendAsync(System.IO.Pipelines.PipeReader.Create(new ReadOnlySequence<byte>(Text("{}"))));
                await upload.CommitAsync(Digest.OfSha256("{}"u8));
            }

            string config = $$"""
                {"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"{{Digest.OfSha256("{}"u8)}}"}
                """;
            byte[] manifest = Text($"{{\"schemaVersion\":2,\"layers\":[],\"config\":{config},"
                + "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}");
            await directory.PutManifestAsync(Repository, "v1", null, manifest, null);
            foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            {
                await Client().WriteAsync($"{_prefix}/{Path.GetRelativePath(root, file)}", await File.ReadAllBytesAsync(file), default);
            }

            var bucket = new RegistryStore(Storage);
            Assert.Equal(manifest, (await bucket.FindManifestAsync(Repository, "v1"))!.Bytes.ToArray());
            Assert.Equal(2, await bucket.FindBlobAsync(Repository, Digest.OfSha256("{}"u8)));
            Assert.Equal([Repository], (await bucket.ListRepositoriesAsync(default)).Items);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task An_address_is_read_without_credentials()
    {
        await Storage.Blobs.WriteAsync(Digest.OfSha256("x"u8), Text("x"));
        using var http = new HttpClient();
        Assert.Equal("x", await http.GetStringAsync(await Storage.Blobs.AddressOfAsync(Digest.OfSha256("x"u8))));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("a+b%41=c&d?e#f")]
    [InlineData("höhe/深い")]
    [InlineData("a//b")]
    [InlineData("'q\"<>")]
    [InlineData("/leading/and/trailing/")]
    public async Task A_prefix_may_have_any_characters(string odd)
    {
        using var storage = new S3Storage(Options($"{_prefix}/{odd}"));
        await storage.PrepareAsync(mayWrite: true);
        byte[] content = RandomNumberGenerator.GetBytes(9 << 20);
        Digest digest = Digest.OfSha256(content);
        await using (IStoredUpload upload = await storage.Uploads.BeginAsync(Repository, Id, new UploadStart(DateTimeOffset.UtcNow)))
        {
            await upload.AppendAsync(0, new ReadOnlySequence<byte>(content));
            Assert.True(await upload.PublishAsync(digest));
            await upload.CancelAsync();
        }

        Assert.Equal([digest], (await storage.Blobs.ListAsync(default)).Items.Select(blob => blob.Digest));
        using var http = new HttpClient();
        Assert.Equal(content, await http.GetByteArrayAsync(await storage.Blobs.AddressOfAsync(digest)));
        await using IFencedDeletion deletion = await storage.BeginDeletionAsync();
        Assert.Equal([DeletionOutcome.Deleted], await deletion.DeleteAsync([digest], DateTimeOffset.UtcNow.AddMinutes(1)));
        Assert.Null(await storage.Blobs.StatAsync(digest));
    }

    [Theory]
    [InlineData("s3://bucket", "")]
    [InlineData("s3://bucket/", "")]
    [InlineData("s3://bucket//", "")]
    [InlineData("S3://bucket/a/b/", "a/b")]
    [InlineData("s3://", null)]
    [InlineData("s3:///a", null)]
    [InlineData("s3://bucket/a/../b", null)]
    [InlineData("s3://bucket/.", null)]
    [InlineData("/srv", null)]
    public void A_place_in_a_bucket_is_read(string text, string? prefix) =>
        Assert.Equal(prefix, S3StorageOptions.TryParse(text)?.Prefix);

    [Fact]
    public async Task A_bucket_with_versions_says_so()
    {
        using var client = new Amazon.S3.AmazonS3Client(
            new BasicAWSCredentials(Radosgw.AccessKey, Radosgw.SecretKey),
            new Amazon.S3.AmazonS3Config { ServiceURL = Radosgw.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        string bucket = $"versions-{_prefix}";
        await client.PutBucketAsync(bucket);
        using var storage = new S3Storage(Options("") with { Bucket = bucket });
        Assert.False(await storage.KeepsDeletedAsync());
        await client.PutBucketVersioningAsync(new Amazon.S3.Model.PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new Amazon.S3.Model.S3BucketVersioningConfig { Status = Amazon.S3.VersionStatus.Enabled },
        });
        Assert.True(await storage.KeepsDeletedAsync());
        Assert.False(await Storage.KeepsDeletedAsync());
    }

    [Fact]
    public async Task What_is_wrong_with_a_store_is_said_in_one_line()
    {
        string server = new Uri(Radosgw.Endpoint).Authority;
        S3StorageOptions options = Options(_prefix);
        Assert.Equal(
            $"s3://{Radosgw.Bucket} at http://{server}: the store does not know the access key",
            (await FailAsync<StoreException>(options with { Credentials = new BasicAWSCredentials("nobody", "x") })).Message);
        Assert.Equal(
            $"s3://{Radosgw.Bucket} at http://{server}: the secret key does not belong to the access key",
            (await FailAsync<StoreException>(options with { Credentials = new BasicAWSCredentials(Radosgw.AccessKey, "x") })).Message);
        Assert.Equal(
            $"s3://nothing-here at http://{server}: there is no such bucket",
            (await FailAsync<NotFoundException>(options with { Bucket = "nothing-here" })).Message);
        Assert.StartsWith(
            $"s3://{Radosgw.Bucket} at http://127.0.0.1:1: cannot reach the store: ",
            (await FailAsync<StorageUnavailableException>(options with { Endpoint = new Uri("http://127.0.0.1:1") })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_is_gone_has_no_absent_blobs()
    {
        using var storage = new S3Storage(Options(_prefix) with { Bucket = "nothing-here" });
        await Assert.ThrowsAsync<NotFoundException>(async () => await storage.Blobs.StatAsync(Digest.OfSha256("x"u8)));
        await Assert.ThrowsAsync<NotFoundException>(async () => await storage.Blobs.OpenAsync(Digest.OfSha256("x"u8)));
        await Assert.ThrowsAsync<NotFoundException>(
            async () => await storage.References.ReadAsync(RegistryReference.OfTag(Repository, "v1")));
    }

    internal static S3StorageOptions Options(string prefix, string? endpoint = null) => new()
    {
        Bucket = Radosgw.Bucket,
        Prefix = prefix,
        Endpoint = new Uri(endpoint ?? Radosgw.Endpoint),
        Credentials = new BasicAWSCredentials(Radosgw.AccessKey, Radosgw.SecretKey),
    };

    internal override async ValueTask<IRegistryStorage> CreateAsync()
    {
        Radosgw.Need();
        return await OpenAsync(Radosgw.Endpoint);
    }

    private static async Task<T> FailAsync<T>(S3StorageOptions options)
        where T : Exception
    {
        using var storage = new S3Storage(options);
        return await Assert.ThrowsAsync<T>(async () => await storage.PrepareAsync(mayWrite: true));
    }

    private async Task<S3Storage> OpenAsync(string endpoint)
    {
        var storage = new S3Storage(Options(_prefix, endpoint));
        _opened.Add(storage);
        await storage.PrepareAsync(mayWrite: true);
        Assert.Equal(SharedUse.Usual, storage.Sharing);
        return storage;
    }

    private S3Keys Keys() => new(_prefix);

    private S3Client Client()
    {
        var client = new S3Client(Options(_prefix));
        _opened.Add(client);
        return client;
    }

    private async Task PushAsync(byte[] content, Digest? known)
    {
        await using IStoredUpload upload = await Storage.Uploads.BeginAsync(
            Repository, $"{Guid.NewGuid()}", new UploadStart(DateTimeOffset.UtcNow) { Digest = known });
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(content));
        Assert.True(await upload.PublishAsync(Digest.OfSha256(content)));
        await upload.CancelAsync();
    }

    private async Task<Digest> HashAsync(Digest digest)
    {
        await using IStoredContent content = (await Storage.Blobs.OpenAsync(digest))!;
        var bytes = new byte[content.Length];
        for (int read = 0; read < bytes.Length;)
        {
            read += await content.ReadAsync(bytes.AsMemory(read), read);
        }

        return Digest.OfSha256(bytes);
    }

    private async Task AssertNothingButBlobsAsync()
    {
        S3Client client = Client();
        Assert.Empty(await client.ListPartsAsync(_prefix, default));
        await foreach (S3Entry entry in client.ListAsync($"{_prefix}/", null, int.MaxValue, default))
        {
            Assert.NotNull(Keys().BlobOf(entry.Key));
        }
    }
}
