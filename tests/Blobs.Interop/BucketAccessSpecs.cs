using System.Net;
using System.Text;
using Blobs.Interop.Oracles;
using Blobs.Testing;

namespace Blobs.Interop;

/// <summary>How the command reaches a bucket, and what it says when it cannot. <c>serve</c>, <c>gc</c> and <c>verify</c> take the same
/// options and give the same reasons.</summary>
public sealed class BucketAccessSpecs
{
    private static readonly Dictionary<string, string> Anybody = new()
    {
        ["AWS_ACCESS_KEY_ID"] = "key",
        ["AWS_SECRET_ACCESS_KEY"] = "secret",
    };

    private readonly string _prefix = Radosgw.NewPrefix();

    [Theory]
    [InlineData("serve")]
    [InlineData("gc")]
    [InlineData("verify")]
    public async Task What_is_wrong_with_a_bucket_is_one_line(string verb)
    {
        Radosgw.Need();
        string store = $"s3://{Radosgw.Bucket}/{_prefix}";
        Assert.Contains(
            "the store does not know the access key",
            await RefusedAsync(verb, store, Radosgw.Endpoint, ("AWS_ACCESS_KEY_ID", "nobody")),
            StringComparison.Ordinal);
        Assert.Contains(
            "the secret key does not belong to the access key",
            await RefusedAsync(verb, store, Radosgw.Endpoint, ("AWS_SECRET_ACCESS_KEY", "wrong")),
            StringComparison.Ordinal);
        Assert.Contains(
            "there is no such bucket", await RefusedAsync(verb, "s3://nothing-here", Radosgw.Endpoint), StringComparison.Ordinal);
        await using FakeS3 other = await new FakeS3 { IsOtherServer = true }.StartAsync();
        Assert.Contains(
            "but not as S3 does", await RefusedAsync(verb, store, other.Address.AbsoluteUri), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gc")]
    [InlineData("verify")]
    public async Task A_store_that_is_away_is_one_line_where_nobody_waits_for_it(string verb)
    {
        Radosgw.Need();
        string line = await RefusedAsync(verb, $"s3://{Radosgw.Bucket}/{_prefix}", "http://127.0.0.1:1");
        Assert.Contains("http://127.0.0.1:1: cannot reach the store", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gc")]
    [InlineData("verify")]
    public async Task A_prefix_without_a_registry_is_one_line(string verb)
    {
        Radosgw.Need();
        string line = await RefusedAsync(verb, $"s3://{Radosgw.Bucket}/{_prefix}", Radosgw.Endpoint);
        Assert.Contains($"s3://{Radosgw.Bucket}/{_prefix}: not a registry's store: no key in it begins with docker/registry/v2/", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_may_come_from_a_profile()
    {
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        string file = temporary["credentials"];
        await File.WriteAllTextAsync(
            file,
            $"""
            [default]
            aws_access_key_id = nobody
            aws_secret_access_key = wrong

            [registry]
            aws_access_key_id = {Radosgw.AccessKey}
            aws_secret_access_key = {Radosgw.SecretKey}

            """);
        await CopyAsync(file, $"{_prefix}/docker/registry/v2/any");
        Command verify = Verb("verify", $"s3://{Radosgw.Bucket}/{_prefix}", Radosgw.Endpoint) with
        {
            Environment = new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = "",
                ["AWS_SECRET_ACCESS_KEY"] = "",
                ["AWS_SHARED_CREDENTIALS_FILE"] = file,
                ["AWS_PROFILE"] = "registry",
            },
        };
        await verify.SucceedAsync();
        string refused = (await (verify with
        {
            Environment = new Dictionary<string, string>(verify.Environment) { ["AWS_PROFILE"] = "default" },
        }).RunAsync()).ExpectRefusal();
        Assert.Contains("the store does not know the access key", refused, StringComparison.Ordinal);
    }

    // Ceph's own buckets with versions keep no conditions on writes, so that no garbage is collected in them at all.
    [Fact]
    public async Task Collecting_in_a_bucket_with_versions_warns_that_it_frees_nothing()
    {
        await using var temporary = new TemporaryRoot();
        await using FakeS3 store = await new FakeS3 { Versioning = "Enabled" }.StartAsync();
        using var http = new HttpClient();
        using var content = new ByteArrayContent([]);
        await http.PutAsync(new Uri(store.Address, $"{FakeS3.Bucket}/docker/registry/v2/any"), content);
        Command gc = Verb("gc", $"s3://{FakeS3.Bucket}", store.Address.AbsoluteUri) with { Environment = Anybody };
        Assert.Equal(
            "blobs: the bucket keeps versions of what is deleted: this frees no space until a lifecycle rule removes them\n",
            (await gc.SucceedAsync()).Error);

        Radosgw.Need();
        Assert.NotEmpty(Radosgw.AccessKey);
        await using RegistryProcess host = await RegistryProcess.OursAsync(
            temporary, $"s3://{FakeS3.Bucket}", "--s3-endpoint", store.Address.AbsoluteUri, "--gc-every", "6h");
        await host.StopAsync();
        Assert.Single(
            await File.ReadAllLinesAsync(host.Log), line => line.Contains("keeps versions of what is deleted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_directory_that_curl_copied_into_a_bucket_is_served()
    {
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        byte[] blob = Encoding.ASCII.GetBytes("a blob");
        string digest = Sha256Text.Of(blob);
        await using (RegistryProcess directory = await RegistryProcess.OursAsync(temporary, store))
        {
            HttpResponseMessage pushed = await directory.Client.PostAsync(
                $"/v2/app/blobs/uploads/?digest={digest}", new ByteArrayContent(blob));
            Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        }

        foreach (string file in Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories))
        {
            await CopyAsync(file, $"{_prefix}/{Path.GetRelativePath(store, file)}");
        }

        await using RegistryProcess bucket = await RegistryProcess.OursInBucketAsync(temporary, _prefix);
        Assert.Equal(blob, await bucket.Client.GetByteArrayAsync($"/v2/app/blobs/{digest}"));
    }

    private static Command Verb(string verb, string store, string endpoint)
    {
        string[] listen = verb == "serve" ? ["--listen", "127.0.0.1:0"] : [];
        return BlobsCommand.With([verb, "--store", store, "--s3-endpoint", endpoint, .. listen]);
    }

    private static async Task<string> RefusedAsync(
        string verb, string store, string endpoint, params (string Name, string Value)[] variables) =>
        (await (Verb(verb, store, endpoint) with
        {
            Environment = variables.ToDictionary(one => one.Name, one => one.Value),
        }).RunAsync()).ExpectRefusal();

    private static async Task CopyAsync(string file, string key)
    {
        string hash = Sha256Text.OfFile(file)["sha256:".Length..];
        await new Command(
            "curl", "-sSf", "-X", "PUT", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", $"{Radosgw.AccessKey}:{Radosgw.SecretKey}",
            "-H", $"x-amz-content-sha256: {hash}", "-H", "Content-Type: application/octet-stream", "--data-binary", $"@{file}",
            $"{Radosgw.Endpoint}/{Radosgw.Bucket}/{key}").SucceedAsync();
    }
}
