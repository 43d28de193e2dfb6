using System.Net;
using Blobs.Registry.Tests.Testing;
using Microsoft.AspNetCore.Builder;

namespace Blobs.Registry.Tests;

/// <summary>What README.md shows of the registry is compiled and run here.</summary>
public sealed class ReadmeTests
{
    private const string Opening = "```csharp\n// A registry";

    [Fact]
    public void The_sample_in_the_readme_is_this_code()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        string source = File.ReadAllText(Path.Combine(Repository.Root, "tests/Blobs.Registry.Tests/ReadmeTests.cs"));
        int start = readme.IndexOf(Opening, StringComparison.Ordinal) + Opening.IndexOf('\n', StringComparison.Ordinal) + 1;
        string sample = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
        foreach (string line in sample.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string compiled = line.Replace("\"/var/lib/registry\"", "root", StringComparison.Ordinal);
            Assert.Contains($"        {compiled}\n", source, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_sample_works()
    {
        string root = Path.Combine(Path.GetTempPath(), $"blobs-readme-{Guid.NewGuid():n}");

        // A registry: OCI distribution-spec 1.1 in any ASP.NET Core application.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddRegistry(options => options.UseFileSystem(root));
        WebApplication app = builder.Build();
        app.MapRegistry();

        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v2/")).StatusCode);
        await app.DisposeAsync();
    }
}
