using System.Text;
using System.Text.Json;
using Blobs.Json;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;

namespace Blobs.Tests.Oci;

/// <summary>What we do not know of a document stays when it is written anew: in its place, byte for byte.</summary>
public sealed class UnknownMembersTests
{
    private const string Odd = """{ "n":9007199254740993, "f":1.10e+02, "s":"\u0041\/", "l":[ 1,null ] }""";

    [Theory]
    [InlineData("""{"a":1,"x":2,"b":3}""", """{"a":0,"x":2,"b":0}""")]
    [InlineData("""{"x":1,"a":2}""", """{"x":1,"a":0,"b":0}""")]
    [InlineData("""{"b":1,"y":2,"a":3,"x":4}""", """{"a":0,"x":4,"b":0,"y":2}""")]
    [InlineData("""{"A":1,"x":2}""", """{"a":0,"x":2,"b":0}""")]
    [InlineData("""{"x":1,"a":2,"x":3}""", """{"x":3,"a":0,"b":0}""")]
    public void Each_unknown_member_follows_the_member_that_it_followed(string from, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(from);
        UnknownMembers unknown = UnknownMembers.Of([document.RootElement], ["a", "b"]);
        byte[] zero = "0"u8.ToArray();
        Assert.Equal(expected, Encoding.UTF8.GetString(GoJsonWriter.Value(json => json.Object([("a", zero), ("b", zero)], unknown))));
    }

    [Fact]
    public void It_stays_where_a_known_member_is_left_out()
    {
        using JsonDocument document = JsonDocument.Parse("""{"a":1,"x":2}""");
        UnknownMembers unknown = UnknownMembers.Of([document.RootElement], ["a"]);
        Assert.Equal("""{"x":2}""", Encoding.UTF8.GetString(GoJsonWriter.Value(json => json.Object([("a", null)], unknown))));
    }

    [Fact]
    public void A_health_check_keeps_its_start_interval_and_what_comes_after_it()
    {
        const string Check = "'Healthcheck':{'Test':['CMD','x'],'StartPeriod':2,'StartInterval':5000000000,'Later':1.50,'Retries':3}";
        Assert.Contains(Json($"{Check},'Image':"), Written(Json($"{{{Check}}}")), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_members_match_in_any_case_and_the_last_of_several_counts() => Assert.Contains(
        Json("'Healthcheck':{'StartInterval':7,'Retries':2}"),
        Written(Json("{'healthcheck':{'retries':1,'startinterval':7,'Retries':2}}")),
        StringComparison.Ordinal);

    [Fact]
    public void How_a_container_runs_keeps_its_unknown_members_in_their_place()
    {
        string members = Json("'Env':['A=1'],'Odd':") + Odd + Json(",'Cmd':['x'],'Last':18446744073709551616");
        Assert.Contains(members + Json(",'Image':"), Written($"{{{members}}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_sets_keep_their_members()
    {
        string written = Written(Json("{'ExposedPorts':{'80/tcp':{'x':1.0},'443/tcp':{}},'Volumes':{'/v':{'y':[]}}}"));
        Assert.Contains(Json("'ExposedPorts':{'443/tcp':{},'80/tcp':{'x':1.0}}"), written, StringComparison.Ordinal);
        Assert.Contains(Json("'Volumes':{'/v':{'y':[]}}"), written, StringComparison.Ordinal);
    }

    [Fact]
    public void An_images_config_keeps_them_at_every_level()
    {
        const string Empty = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
        string start = Json("{'Odd':") + Odd + Json(",'architecture':'amd64','config':{");
        string end = Json("'created':'2020-01-02T03:04:05Z','history':[{'created':'2020-01-02T03:04:05Z','by':") + Odd +
            Json($",'created_by':'x'}},{{'created':'2020-01-02T03:04:06Z'}}],'moby.odd':[1.0],'os':'linux','rootfs':{{'type':'layers','base':0.10,'diff_ids':['{Empty}','{Empty}']}}}}");
        ImageConfig config = ImageConfig.Parse(Encoding.UTF8.GetBytes(start + Json("'Env':null,'In':1e400},") + end));

        string written = Encoding.UTF8.GetString(ImageDraft.From(config).ToConfig().Bytes.Span);

        Assert.StartsWith(start, written, StringComparison.Ordinal);
        Assert.Contains(Json("'Env':null,'In':1e400,"), written, StringComparison.Ordinal);
        Assert.EndsWith(end, written, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_written_as_20_10_does_have_only_members_that_20_10_knows()
    {
        ImageConfig image = Parse(Json("{'Healthcheck':{'Interval':1,'StartInterval':2},'Odd':1}"));
        string written = Encoding.UTF8.GetString(RunConfigWriter.ToKnownJson(image.Config));
        Assert.DoesNotContain("Odd", written, StringComparison.Ordinal);
        Assert.Contains(Json("'Healthcheck':{'Interval':1}"), written, StringComparison.Ordinal);
    }

    private static string Json(string text) => text.Replace('\'', '"');

    private static string Written(string config) => Encoding.UTF8.GetString(RunConfigWriter.ToJson(Parse(config).Config));

    private static ImageConfig Parse(string config) =>
        ImageConfig.Parse(Encoding.UTF8.GetBytes($"{{\"config\":{config},\"rootfs\":{{\"type\":\"layers\"}}}}"));
}
