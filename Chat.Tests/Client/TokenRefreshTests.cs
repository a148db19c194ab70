using System.Buffers.Text;
using System.Text;
using Chat.Client;
using Chat.Tests.Support;

namespace Chat.Tests.Client;

public sealed class TokenRefreshTests
{
    private readonly List<DateTimeOffset> _asked = [];
    private TimeSpan _nodesClock;
    private bool _fails;

    [Fact]
    public async Task A_renewal_that_fails_is_tried_again_until_it_succeeds_and_the_connection_stays()
    {
        await using var world = Start();
        world.Accept();
        _fails = true;

        world.Pass(9 * 60 + 30);
        Assert.Empty(world.Heard("refresh"));
        _fails = false;
        world.Pass(15);

        Assert.Single(world.Heard("refresh"));
        Assert.Equal(ConnectionState.Connected, world.Client.Status.State);
        Assert.InRange(_asked.Count, 3, 12);
    }

    [Fact]
    public async Task A_clock_ahead_of_the_whole_life_of_a_token_makes_no_storm_of_sign_ins()
    {
        _nodesClock = TimeSpan.FromHours(-1);
        await using var world = Start();
        world.Accept();

        world.Pass(10 * 60);

        Assert.InRange(_asked.Count, 2, 3);
        Assert.NotEmpty(world.Heard("refresh"));
    }

    [Fact]
    public async Task A_clock_ahead_of_almost_the_whole_life_of_a_token_makes_no_storm_either()
    {
        _nodesClock = TimeSpan.FromMinutes(-9.9);
        await using var world = Start();
        world.Accept();

        world.Pass(10 * 60);

        Assert.InRange(_asked.Count, 2, 6);
    }

    [Fact]
    public async Task A_token_that_the_node_does_not_take_is_replaced()
    {
        await using var world = Start();
        world.Accept();
        world.Pass(9 * 60 + 1);
        Assert.Single(world.Heard("refresh"));

        world.Say(new { type = "error", code = "bad_token" });
        await Within.True(
            10,
            () =>
            {
                world.Pass(1);
                return Task.FromResult(world.Heard("refresh").Count == 2);
            },
            "another token is given");
    }

    private ScriptedWorld Start()
    {
        ScriptedWorld? world = null;
        world = new ScriptedWorld(options => options with { Token = _ => Task.FromResult(Token(world!)) });
        _ = world.Client.StartAsync();
        return world;
    }

    /// <summary>Good for ten minutes by the clock of whoever issues it.</summary>
    private string Token(ScriptedWorld world)
    {
        var now = world.Time.GetUtcNow();
        _asked.Add(now);
        if (_fails)
        {
            throw new IOException("Not now.");
        }

        var issued = (now + _nodesClock).ToUnixTimeSeconds();
        return $"h.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"iat":{{issued}},"exp":{{issued + 600}}}"""))}.s";
    }
}
