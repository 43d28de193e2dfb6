using Amazon.Runtime;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Storage.S3;
using Blobs.Testing;

namespace Blobs.Tests.Storage.S3;

/// <summary>What a registry finds out about a bucket before it relies on it. Other stores than Ceph's are played by
/// <see cref="FakeS3"/>.</summary>
public sealed class S3ProbeTests
{
    [Theory]
    [InlineData(FakeConditions.Kept, SharedUse.Usual)]
    [InlineData(FakeConditions.Quoted, SharedUse.Usual)]
    [InlineData(FakeConditions.CreateOnly, SharedUse.Unsafe)]
    [InlineData(FakeConditions.Ignored, SharedUse.Unsafe)]
    [InlineData(FakeConditions.Unknown, SharedUse.Unsafe)]
    public async Task Only_a_store_that_keeps_conditions_on_writes_may_have_many_hosts(FakeConditions conditions, SharedUse expected)
    {
        await using FakeS3 store = await new FakeS3 { Conditions = conditions }.StartAsync();
        using S3Storage storage = Open(store);
        await storage.PrepareAsync(mayWrite: true);
        Assert.Equal(expected, storage.Sharing);
        Assert.Equal(expected == SharedUse.Usual, storage.Records is not null);
        Assert.Empty((await storage.HostRecords.ListAsync("probes", default)).Items);

        // In either way, of two writers of one version one is told that it came too late.
        string version = (await storage.HostRecords.TryCreateAsync("a", "1"u8.ToArray()))!;
        Assert.Null(await storage.HostRecords.TryCreateAsync("a", "2"u8.ToArray()));
        Assert.NotNull(await storage.HostRecords.TryReplaceAsync("a", "2"u8.ToArray(), version));
        Assert.Null(await storage.HostRecords.TryReplaceAsync("a", "3"u8.ToArray(), version));
    }

    // A collector prepares a storage as one that only reads it.
    [Theory]
    [InlineData(FakeConditions.CreateOnly)]
    [InlineData(FakeConditions.Ignored)]
    [InlineData(FakeConditions.Unknown)]
    public async Task Where_conditions_are_not_kept_no_garbage_is_collected(FakeConditions conditions)
    {
        await using FakeS3 store = await new FakeS3 { Conditions = conditions }.StartAsync();
        using S3Storage storage = Open(store);
        StoreException refused = await Assert.ThrowsAsync<StoreException>(() => new RegistryCollector(storage).RunAsync());
        Assert.Equal(
            $"s3://bucket at {store.Address.GetLeftPart(UriPartial.Authority)}: "
            + "no garbage can be collected: the store does not support conditional writes",
            refused.Message);
        Assert.False(HasLease(store));
    }

    [Theory]
    [InlineData(FakeConditions.Kept)]
    [InlineData(FakeConditions.Quoted)]
    public async Task Where_they_are_kept_it_is(FakeConditions conditions)
    {
        await using FakeS3 store = await new FakeS3 { Conditions = conditions }.StartAsync();
        using S3Storage storage = Open(store);
        Assert.Equal(0, (await new RegistryCollector(storage).RunAsync()).Blobs);
        Assert.True(HasLease(store));
    }

    [Fact]
    public async Task A_storage_is_empty_until_something_is_written()
    {
        await using FakeS3 store = await new FakeS3().StartAsync();
        using S3Storage storage = Open(store);
        store.Uploads["of others"] = ("elsewhere/data", DateTimeOffset.UtcNow);
        await storage.PrepareAsync(mayWrite: true);
        Assert.True(await storage.IsEmptyAsync());
        await storage.Blobs.WriteAsync(Digest.OfSha256("x"u8), "x"u8.ToArray());
        Assert.False(await storage.IsEmptyAsync());
    }

    // A host that died in the first push leaves nothing else, and garbage collection aborts it.
    [Fact]
    public async Task A_storage_with_an_upload_is_not_empty()
    {
        await using FakeS3 store = await new FakeS3().StartAsync();
        using S3Storage storage = Open(store);
        store.Uploads["lost"] = ("docker/registry/v2/blobs/sha256/aa/data", DateTimeOffset.UtcNow);
        Assert.False(await storage.IsEmptyAsync());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("Enabled", true)]
    [InlineData("Suspended", false)]
    [InlineData("403", false)]
    [InlineData("501", false)]
    public async Task A_bucket_says_whether_it_keeps_versions_or_counts_as_one_without(string answer, bool expected)
    {
        await using FakeS3 store = await new FakeS3 { Versioning = answer }.StartAsync();
        using S3Storage storage = Open(store);
        Assert.Equal(expected, await storage.KeepsDeletedAsync());
    }

    [Fact]
    public async Task Whether_a_bucket_that_is_gone_keeps_versions_is_an_error()
    {
        await using FakeS3 store = await new FakeS3().StartAsync();
        using var storage = new S3Storage(Options(store) with { Bucket = "other" });
        await Assert.ThrowsAsync<NotFoundException>(async () => await storage.KeepsDeletedAsync());
    }

    [Fact]
    public async Task A_session_token_goes_with_every_request()
    {
        const string Token = "a+token/of=a/session";
        await using FakeS3 store = await new FakeS3().StartAsync();
        using var storage = new S3Storage(Options(store) with { Credentials = new SessionAWSCredentials("key", "secret", Token) });
        await storage.PrepareAsync(mayWrite: true);
        await storage.HostRecords.TryCreateAsync("a", "1"u8.ToArray());
        Assert.All(store.Asked, asked => Assert.Equal(Token, asked.Headers.GetValueOrDefault("x-amz-security-token")));
        store.Asked.Clear();

        // What is signed in the address has it there.
        await using IFencedDeletion deletion = await storage.BeginDeletionAsync();
        await deletion.DeleteAsync([Digest.OfSha256("x"u8)], DateTimeOffset.UtcNow.AddMinutes(1));
        (_, string target, _) = Assert.Single(store.Asked, asked => asked.Method == "POST");
        Assert.Contains($"X-Amz-Security-Token={Uri.EscapeDataString(Token)}", target, StringComparison.Ordinal);
        Assert.Contains(
            $"X-Amz-Security-Token={Uri.EscapeDataString(Token)}",
            (await storage.Blobs.AddressOfAsync(Digest.OfSha256("x"u8)))!.Query,
            StringComparison.Ordinal);
    }

    // A store says the same of a signature that has ended and of one that was never good. Its answer may state the second
    // before the deadline, as the clock that it reads for that can lag.
    [Theory]
    [InlineData(1, true)]
    [InlineData(0, true)]
    [InlineData(-1, true)]
    [InlineData(-30, false)]
    public async Task A_deletion_that_is_denied_near_its_deadline_was_late(int seconds, bool isLate)
    {
        DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1);
        await using FakeS3 store = await new FakeS3 { DeniesDeletionsAt = deadline.AddSeconds(seconds) }.StartAsync();
        using S3Storage storage = Open(store);
        await using IFencedDeletion deletion = await storage.BeginDeletionAsync();
        Task<IReadOnlyList<DeletionOutcome>> deleting = deletion.DeleteAsync([Digest.OfSha256("x"u8)], deadline).AsTask();
        if (isLate)
        {
            Assert.Equal([DeletionOutcome.Late], await deleting);
        }
        else
        {
            StoreException denied = await Assert.ThrowsAsync<StoreException>(() => deleting);
            Assert.EndsWith(": may not delete: access denied", denied.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://s3.example.com", false, "https://images.s3.example.com/prod/docker/")]
    [InlineData("https://s3.example.com:9000", false, "https://images.s3.example.com:9000/prod/docker/")]
    [InlineData("http://s3.example.com", false, "http://images.s3.example.com/prod/docker/")]
    [InlineData("https://s3.example.com", true, "https://s3.example.com/images/prod/docker/")]
    [InlineData("http://127.0.0.1:9000", false, "http://127.0.0.1:9000/images/prod/docker/")]
    [InlineData("http://localhost:9000", false, "http://localhost:9000/images/prod/docker/")]
    [InlineData(null, false, "https://images.s3.eu-central-1.amazonaws.com/prod/docker/")]
    [InlineData(null, true, "https://s3.eu-central-1.amazonaws.com/images/prod/docker/")]
    public async Task The_bucket_is_part_of_the_host_name_unless_it_is_part_of_the_path(string? endpoint, bool isInPath, string expected)
    {
        using var storage = new S3Storage(new S3StorageOptions
        {
            Bucket = "images",
            Prefix = "prod",
            Region = "eu-central-1",
            Endpoint = endpoint is null ? null : new Uri(endpoint),
            PathStyle = isInPath,
            Credentials = new BasicAWSCredentials("key", "secret"),
        });
        Uri address = (await storage.Blobs.AddressOfAsync(Digest.OfSha256("x"u8)))!;
        Assert.StartsWith(expected, address.AbsoluteUri, StringComparison.Ordinal);
        Assert.Contains("%2Feu-central-1%2Fs3%2Faws4_request", address.Query, StringComparison.Ordinal);
    }

    private static bool HasLease(FakeS3 store) =>
        store.Asked.Any(asked => asked.Method == "PUT" && asked.Target.Contains("/gc/current", StringComparison.Ordinal));

    private static S3StorageOptions Options(FakeS3 store) => new()
    {
        Bucket = FakeS3.Bucket,
        Endpoint = store.Address,
        Credentials = new BasicAWSCredentials("key", "secret"),
    };

    internal static S3Storage Open(FakeS3 store) => new(Options(store));
}
